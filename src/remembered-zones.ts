/** Which zones of which accounts the state remembers from round to round. */
import type { OpenAccount } from './accounts.ts';
import type { State } from './recall.ts';

/** None, so that they are asked for anew; but what is written and not published yet is not forgotten, because no reading would show it. */
export const withoutZones = (state: State): State => ({
  ...state,
  accounts: Object.fromEntries(Object.entries(state.accounts).map(([name, memory]) => [name, { ...memory, zones: (memory.zones ?? []).filter(({ unpublished }) => unpublished) }])),
});

/** With what the accounts have learnt. */
export function withZones(state: State, accounts: ReadonlyMap<string, Pick<OpenAccount, 'zones'> | undefined>): State {
  const remembered = Object.entries(state.accounts).map(([name, memory]) => {
    const zones = accounts.get(name)?.zones();
    return [name, zones === undefined || zones.length === 0 ? memory : { ...memory, zones }] as const;
  });
  return { ...state, accounts: Object.fromEntries(remembered) };
}
