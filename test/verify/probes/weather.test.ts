/** Whoever is asked to look from outside may be out of order, replaced by a portal, or tired of us: no sighting comes of that, but a Failure that names it. */
import { describe, expect, test } from 'vitest';
import { PUBLIC_PROBES, type PublicProbe } from '../../../src/core/reach.ts';
import { checkHost } from '../../../src/verify/probes/check-host.ts';
import { globalping } from '../../../src/verify/probes/globalping.ts';
import { PROBES } from '../../../src/verify/probes/index.ts';
import { letsdebug } from '../../../src/verify/probes/letsdebug.ts';
import { portchecker } from '../../../src/verify/probes/portchecker.ts';
import type { Probe } from '../../../src/verify/probes/probe.ts';
import { ADDRESS6, connection, lookAt, looked, WEATHERS } from './stranger.ts';

const MADE: Readonly<Record<PublicProbe, (endpoint: string) => Probe>> = { globalping, letsdebug, portchecker, 'check-host': checkHost };
/** A first answer that leads to a second question. */
const BEGUN: Readonly<Record<string, unknown>> = {
  globalping: { id: 'PY5fMsREMmIq45VR', probesCount: 3 },
  letsdebug: { Domain: 'home.example.net', ID: 14 },
  'check-host': { ok: 1, request_id: '806df9', nodes: { 'us1.node.check-host.net': ['us', 'USA', 'Los Angeles', '5.253.30.82', 'AS18978'] } },
};
const look = lookAt(connection, { port: 80 });

for (const id of PUBLIC_PROBES) {
  describe(id, () => {
    test.each(WEATHERS)('first answer: $name', async ({ answer, kind }) => {
      const { failure, asked } = await looked(MADE[id], look, () => answer);
      expect(failure).toMatchObject({ kind });
      expect(failure?.detail).toContain('127.0.0.1');
      expect(asked).toHaveLength(1);
    });

    test('it is named, and says what it learns', () => {
      const { title, learns } = PROBES[id]();
      expect(title).not.toBe('');
      expect(learns).toMatch(/^the (name|address)/);
    });
  });
}

for (const [id, begun] of Object.entries(BEGUN)) {
  describe(`${id}, second answer`, () => {
    test.each(WEATHERS)('$name', async ({ answer, kind }) => {
      const { failure } = await looked(MADE[id as keyof typeof MADE], look, (_, nth) => (nth === 1 ? { body: begun } : answer));
      expect(failure).toMatchObject({ kind });
    });
  });
}

test('every request names us and asks for JSON', async () => {
  for (const id of PUBLIC_PROBES) {
    const { asked } = await looked(MADE[id], look, () => ({ body: {} }));
    expect(asked[0]?.headers).toMatchObject({ 'user-agent': 'ddns-update/0.0.0 (test)', accept: 'application/json' });
  }
});

test('what none of them can look at is said before they are asked', () => {
  const cannot = (id: PublicProbe, ...of: Parameters<typeof lookAt>) => PROBES[id]().cannot(lookAt(...of));
  expect(cannot('portchecker', connection, { at: ADDRESS6 })).toBe('it knows IPv4 only');
  expect(cannot('portchecker', connection)).toBeUndefined();
  expect(cannot('letsdebug', connection, { port: 443 })).toBe('it looks at port 80 only');
  expect(cannot('letsdebug', connection, { port: 80, at: ADDRESS6 })).toBeUndefined();
  expect(cannot('globalping', connection, { at: ADDRESS6, port: 8443 })).toBeUndefined();
  expect(cannot('check-host', connection, { at: ADDRESS6, port: 8443 })).toBeUndefined();
});

test('a wait that is cut short is no sighting', async () => {
  const cut = new AbortController();
  const { failure, sighting } = await looked(
    globalping,
    look,
    () => {
      cut.abort();
      return { body: BEGUN['globalping'] };
    },
    cut.signal,
  );
  expect(sighting).toBeUndefined();
  expect(failure).toMatchObject({ kind: 'network' });
});
