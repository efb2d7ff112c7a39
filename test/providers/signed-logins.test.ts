/** A token that an adapter signs itself to log in with is good for an hour, so it is shown no more than what it is exchanged for. */
import { expect, it } from 'vitest';
import { contract as gcloudContract } from '../../src/providers/gcloud/contract.ts';
import gcloud from '../../src/providers/gcloud/provider.ts';
import { contract as yandexContract } from '../../src/providers/yandexcloud/contract.ts';
import yandexcloud from '../../src/providers/yandexcloud/provider.ts';
import { type Interception, round, setFor, stage } from '../../src/testing/stage.ts';

const WEB_TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]{80,}/;
const wanted = [setFor('home.example.com', 'A', ['198.51.100.4'])];
/** Refuses the log-in in the words of the request. */
const repeating: Interception = async ({ request }) => ({ status: 400, headers: {}, body: JSON.stringify({ message: request?.body }) });

it.each([
  ['gcloud', gcloud, gcloudContract],
  ['yandexcloud', yandexcloud, yandexContract],
] as const)('%s', async (_id, manifest, contract) => {
  for (const intercept of [() => undefined, repeating] as const) {
    const on = stage(manifest, contract, { intercept });
    const { failures } = await round(await on.open({ cold: true }), wanted);
    expect(failures).toHaveLength(intercept === repeating ? 1 : 0);
    expect(on.world.requests[0]?.body).toMatch(WEB_TOKEN);
    expect([...on.world.traced, ...failures.map(({ detail }) => detail)].join('\n')).not.toMatch(WEB_TOKEN);
  }
});
