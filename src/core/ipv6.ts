/** Which of a machine's IPv6 addresses is the one to publish: never one that dies tomorrow, and the published one as long as it lives. */
import { familyOf, type IpAddress, toBits } from './address.ts';
import { type AddressPolicy, refusal } from './special.ts';

/** An address of an interface. `flags` absent: the system does not tell. */
export type Candidate = {
  readonly interface: string;
  readonly address: IpAddress;
  readonly bits: number;
  readonly internal: boolean;
  readonly mac: string;
  readonly flags?: { readonly temporary: boolean; readonly deprecated: boolean; readonly tentative: boolean; readonly permanent: boolean };
};

/** Interfaces that lead to containers, virtual machines or into a tunnel, by the names that Linux, macOS and the usual tools give them. */
const VIRTUAL = /^(tun|tap|wg|utun|tailscale|zt|docker|veth|br-|virbr|vmnet|vnet|lxc|lxd|cni|flannel|cali|podman|nordlynx|proton|warp|CloudflareWARP|awdl|llw|ipsec|gif|stf|dummy|ifb)/i;
/** Those of them through which everything may be sent to somebody else's exit. */
const VPN = /^(tun|tap|wg|utun|tailscale|zt|nordlynx|proton|warp|CloudflareWARP|ipsec|ovpn|mullvad)/i;

export const isVpn = (name: string): boolean => VPN.test(name);

/** Temporary (RFC 8981), deprecated, tentative and refused addresses are none; nor are those of virtual interfaces, unless one is asked for by name. */
export function eligibleIpv6(candidates: readonly Candidate[], asked: { readonly policy: AddressPolicy; readonly interface?: string | undefined }): readonly Candidate[] {
  return candidates.filter(
    (candidate) =>
      familyOf(candidate.address) === 6 &&
      (asked.interface === undefined ? !candidate.internal && !VIRTUAL.test(candidate.interface) : candidate.interface === asked.interface) &&
      !isFleeting(candidate) &&
      refusal(candidate.address, asked.policy) === undefined,
  );
}

/** The one to publish, or undefined. Order: published already, set by hand or by DHCP, made from the MAC, others; then by number. */
export function chooseIpv6(
  candidates: readonly Candidate[],
  asked: { readonly published: IpAddress | undefined; readonly policy: AddressPolicy; readonly interface?: string | undefined },
): Candidate | undefined {
  const rank = (candidate: Candidate): number => {
    if (candidate.address === asked.published) return 0;
    if (candidate.flags?.permanent === true || candidate.bits === 128) return 1;
    return isFromMac(candidate) ? 2 : 3;
  };
  return [...eligibleIpv6(candidates, asked)].sort((a, b) => rank(a) - rank(b) || (toBits(a.address) < toBits(b.address) ? -1 : 1))[0];
}

/** Gone soon, or not usable yet. */
export const isFleeting = ({ flags }: Candidate): boolean => flags !== undefined && (flags.temporary || flags.deprecated || flags.tentative);

/** Modified EUI-64 (RFC 4291 appendix A): the MAC with `fffe` in its middle and bit 0x02 of the first byte flipped. */
function isFromMac({ address, mac }: Candidate): boolean {
  const bytes = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  if (bytes.length !== 6 || bytes.some(Number.isNaN) || bytes.every((byte) => byte === 0)) return false;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const host = [a ^ 2, b, c, 0xff, 0xfe, d, e, f].reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
  return (toBits(address) & 0xffffffffffffffffn) === host;
}
