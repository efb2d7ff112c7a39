/** Sources that aim at servers on loopback. */

import type { DetectConfig } from '../../src/config/config.ts';
import type { Family } from '../../src/core/address.ts';
import { type Prefix, parsePrefix } from '../../src/core/address.ts';
import type { DnsSource, HttpsReading, HttpsSource, Source, StunSource } from '../../src/detect/source.ts';

type Listening = { readonly host: string; readonly port: number };
const BOTH: readonly Family[] = [4, 6];

export const dnsSource = ({ host, port }: Listening, more: Partial<DnsSource> = {}): DnsSource => ({
  kind: 'dns',
  id: 'dns',
  operator: 'dns-operator',
  families: BOTH,
  servers: [{ host, port, families: BOTH }],
  question: 'whoami.example.test',
  class: 'IN',
  type: 'TXT',
  ...more,
});

export const stunSource = ({ host, port }: Listening, more: Partial<StunSource> = {}): StunSource => ({
  kind: 'stun',
  id: 'stun',
  operator: 'stun-operator',
  families: BOTH,
  servers: [{ host, port, families: BOTH }],
  ...more,
});

export const httpsSource = (url: string, more: Partial<HttpsSource> & { readonly read?: HttpsReading } = {}): HttpsSource => ({
  kind: 'https',
  id: 'https',
  operator: 'https-operator',
  families: BOTH,
  urls: [{ url, families: BOTH }],
  read: { kind: 'plain' },
  authenticated: true,
  ...more,
});

export const prefixes = (...texts: readonly string[]): readonly Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? []);

export const detectConfig = (sources: readonly Source[], more: Partial<DetectConfig> = {}): DetectConfig => ({
  sources,
  listed: true,
  quorum: 2,
  fullEveryMs: 3_600_000,
  policy: { allow: [], deny: [] },
  given: new Map(),
  ...more,
});
