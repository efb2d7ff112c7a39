/** A row's own examples, read by the row: whoever writes a pattern shows what it is for, and a build with one that is not so fails. */
import { type IpAddress, parseAddress } from '../core/address.ts';
import { verdicts } from './update-url-answer.ts';
import type { UpdateUrlRow } from './update-url-row.ts';

const SENT = parseAddress('203.0.113.7') as IpAddress;
const HOST = 'home.example.com';

/** What is wrong with the examples of a row, one sentence each; nothing: every pattern has one, and is right about it. */
export function exampleProblems(row: UpdateUrlRow): readonly string[] {
  const problems: string[] = [];
  const expect = (what: string, example: string | undefined, wanted: string): void => {
    const read = example === undefined ? 'not there' : readAs(row, example);
    if (read !== wanted) problems.push(`${row.id}: the example of ${what} is ${read}, not ${wanted}`);
  };
  expect('success', row.statuses['204'] === 'success' ? 'good' : row.examples?.success, 'success');
  if (row.noChange !== undefined) expect('noChange', row.examples?.noChange, 'no change');
  for (const { match, kind, waitSeconds, example } of row.errors) expect(match, example, waitSeconds === undefined ? kind : `${kind} for ${waitSeconds} s`);
  for (const [status, means] of Object.entries(row.statuses)) {
    const read = said(row, '', Number(status));
    if (read !== (means === 'noChange' ? 'no change' : means)) problems.push(`${row.id}: status ${status} is ${read}, not ${means}`);
  }
  return problems;
}

const readAs = (row: UpdateUrlRow, example: string): string => said(row, example.replaceAll('{ip}', SENT).replaceAll('{host}', HOST), 200);

function said(row: UpdateUrlRow, body: string, status: number): string {
  const verdict = verdicts(row, { hosts: [HOST], sent: [SENT] }, { status, headers: {}, body }, { retryAfterSeconds: undefined, excerpt: '' })[0]?.[0];
  if (verdict?.kind === 'done') return verdict.note === undefined ? 'success' : 'no change';
  const { kind, retryAfterSeconds } = verdict?.failure ?? { kind: 'nothing' };
  return retryAfterSeconds === undefined ? kind : `${kind} for ${retryAfterSeconds} s`;
}
