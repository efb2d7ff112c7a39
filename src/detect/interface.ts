/** Reads the address off an interface of this machine: of several IPv6 addresses the one that lasts. */
import { type Family, familyOf } from '../core/address.ts';
import { chooseIpv6, isFleeting } from '../core/ipv6.ts';
import { refusal } from '../core/special.ts';
import type { Outlook } from '../world/world.ts';
import { type Asked, type Asker, ballotOf, failed, type Told, told } from './ask.ts';
import type { InterfaceSource } from './source.ts';

export const askInterface: Asker<InterfaceSource> = (source, family, asked, world) => ballotOf(source, family, asked, world, async () => onInterface(source.interface, family, asked, world));

function onInterface(name: string, family: Family, { policy, published }: Asked, world: Outlook): Told {
  const rows = world.net.interfaces().filter((row) => row.interface === name);
  if (rows.length === 0) return failed('absent', `there is no interface ${name} that is up`);
  const mine = rows.filter(({ address }) => familyOf(address) === family);
  if (family === 6) {
    const chosen = chooseIpv6(mine, { published, policy, interface: name });
    if (chosen !== undefined) return told(chosen.address);
    const fleeting = mine.find((row) => isFleeting(row) && refusal(row.address, policy) === undefined);
    if (fleeting !== undefined) return failed('absent', `${name} has only temporary, deprecated or tentative IPv6 addresses (${fleeting.address}), which do not last`);
  }
  const open = mine.find(({ address }) => refusal(address, policy) === undefined);
  if (open !== undefined && family === 4) return told(open.address);
  // What is there is told all the same: the refusal that follows names its reason.
  const first = mine.find(({ address }) => !address.startsWith('fe80:')) ?? mine[0];
  return first === undefined ? failed('absent', `${name} has no IPv${family} address`) : told(first.address);
}
