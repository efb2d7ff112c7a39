/** Asking the sources that cost next to nothing: a datagram, or a look at this machine. A glance asks no others. */
import type { Ballot } from '../core/ballot.ts';
import type { Asker } from './ask.ts';
import { askDns } from './dns.ts';
import { askAddress, askFile } from './file.ts';
import { askInterface } from './interface.ts';
import type { CommandSource, HttpsSource, RouterSource, Source } from './source.ts';
import { askStun } from './stun.ts';

export type CheapSource = Exclude<Source, HttpsSource | CommandSource | RouterSource>;

export const isCheap = (source: Source): source is CheapSource => source.kind !== 'https' && source.kind !== 'command' && source.kind !== 'router';

export function askCheaply(source: CheapSource, ...rest: Rest): Promise<Ballot> {
  switch (source.kind) {
    case 'dns':
      return askDns(source, ...rest);
    case 'stun':
      return askStun(source, ...rest);
    case 'interface':
      return askInterface(source, ...rest);
    case 'file':
      return askFile(source, ...rest);
    case 'address':
      return askAddress(source, ...rest);
    default:
      return source satisfies never;
  }
}

type Rest = Parameters<Asker<Source>> extends [unknown, ...infer R] ? R : never;
