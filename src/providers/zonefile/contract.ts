/** A zone file in memory, and what it says read with a reader of its own: one record a line, as the file of this contract is laid out. */

import type { Files } from '../../sdk/index.ts';
import type { Contract, FakeParts, FakeRecord, FakeZone } from '../../testing/index.ts';

const PATH = '/var/lib/bind/home.example.zone';
const ZONE = 'home.example';
const HEAD = `$ORIGIN ${ZONE}.\n$TTL 3600\n@ IN SOA ns1 hostmaster ( 2026010100 ; serial\n  3600 600 86400 60 )\n@ IN NS ns1.elsewhere.example.\n`;

const shown = ({ name, type, value, ttl }: FakeRecord): string => `${name}.  ${ttl}  IN  ${type}  ${type === 'TXT' ? `"${value}"` : type === 'CNAME' ? `${value}.` : value}\n`;

/** The records in the lines behind the head; those that were there before keep their id. */
function told(text: string, zone: FakeZone): readonly FakeRecord[] {
  const lines = text.split('\n').slice(HEAD.split('\n').length - 1);
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [, owner = '', ttl, type = '', data = ''] = /^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      const name = owner === '@' ? ZONE : owner.endsWith('.') ? owner.slice(0, -1) : `${owner}.${ZONE}`;
      const value = type === 'TXT' ? data.slice(1, -1) : type === 'CNAME' ? data.slice(0, -1) : data;
      const old = zone.records.find((record) => record.name === name && record.type === type && record.value === value);
      return { ...old, id: old?.id ?? zone.nextId(), name, type, value, ttl: Number(ttl) };
    });
}

function backend(zone: FakeZone): FakeParts {
  let content = HEAD + zone.records.map(shown).join('');
  const others = new Map<string, string>();
  const files: Files = {
    read: (path) => (path === PATH ? content : others.get(path)),
    write(path, text) {
      if (path !== PATH) return void others.set(path, text);
      content = text;
      zone.records = told(text, zone);
    },
    create: () => false,
    rename: () => {},
    remove: (path) => void others.delete(path),
    folder: () => {},
    touch: () => {},
    list: () => [],
    stat: (path) => (path === PATH ? { modifiedAt: 0, size: content.length, mode: 0o100644, othersMayRead: true } : undefined),
  };
  return { files, processes: { run: async () => ({ exit: 0, stdout: '', stderr: '' }) } };
}

export const contract: Contract = {
  options: { file: PATH, reload: ['rndc', 'reload', ZONE] },
  secretOptions: [],
  zone: ZONE,
  backend,
  budget: { one: 0, thousand: 0 },
  documented: [],
};
