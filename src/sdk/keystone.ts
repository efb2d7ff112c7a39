/** Logging in to OpenStack's identity service, as several clouds run it. https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization */
import * as v from 'valibot';
import { Fault } from '../core/failure.ts';
import type { Secret } from '../core/secret.ts';
import { api } from './api.ts';
import { headed, json } from './http.ts';
import { handedOut, type Once } from './once.ts';
import type { Tools } from './provider.ts';

const Session = v.object({ token: v.unknown() });
const NoSession = v.object({ error: v.object({ message: v.string(), title: v.optional(v.string()) }) });

type Domain = { readonly name: string };
export type Keystone = {
  /** With the version: `https://identity.example/v3`. */
  readonly base: string;
  readonly endpoint?: string | undefined;
  readonly user: { readonly id: string } | { readonly name: string; readonly domain: Domain };
  readonly password: Secret;
  readonly project: { readonly id: string } | { readonly name: string; readonly domain: Domain };
};

/** The token of one log-in, as the header `x-auth-token` wants it. Throws Fault `auth` where user, password and project do not belong together. */
export function keystone(tools: Tools, { base, endpoint, user, password, project }: Keystone): Once<string> {
  const enter = api(tools, {
    base,
    endpoint,
    words: (body) => (v.is(NoSession, body) ? { code: body.error.title, message: body.error.message } : undefined),
    meanings: [{ match: /^Unauthorized/, kind: 'auth', says: 'user, password and project do not belong together' }],
  });
  return handedOut(tools, async () => {
    const identity = { methods: ['password'], password: { user: { ...user, password: password.reveal() } } };
    const request = { method: 'POST', path: '/auth/tokens', json: { auth: { identity, scope: { project } } }, idempotent: true, confidential: true, purpose: 'log in' } as const;
    const { headers } = await enter(request, headed(json(Session)));
    const token = headers['x-subject-token'];
    if (token === undefined) throw new Fault({ kind: 'gibberish', phase: 'reply', detail: 'the log-in was taken, but there is no token in the answer' });
    return token;
  });
}
