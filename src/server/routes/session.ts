/** Opens and ends sessions. */
import type { IncomingMessage } from 'node:http';

import { addressAnswer, sessionAnswer, signInRequest, type SessionAnswer } from '../../api/agent.ts';
import { z } from '../../plugin/index.ts';

import type { SignedIn, SignIn } from '../access/access.ts';
import { includes, STRANGER, type Caller } from '../access/caller.ts';
import { CALLBACK_PATH, OPEN_ID_PATH } from '../access/open-id-paths.ts';
import { Reply } from '../answer.ts';
import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';

/** Of the TCP port. */
export interface SessionControl {
  readonly hasPassword: boolean;
  readonly hasUsers: boolean;
  signIn(request: IncomingMessage, given: SignIn): Promise<SignedIn>;
  /** @returns a `Set-Cookie` header */
  signOut(request: IncomingMessage): string;
  /** What people call the OpenID provider; undefined if there is none. */
  readonly oidc: string | undefined;
  beginOpenId(request: IncomingMessage): Promise<{ readonly location: string; readonly cookie: string }>;
  finishOpenId(request: IncomingMessage, query: URLSearchParams): Promise<SignedIn & { readonly ended: string }>;
  prolonged(request: IncomingMessage): string | undefined;
}

export interface SessionRoutes {
  /** Undefined while the port is off. */
  readonly control: () => SessionControl | undefined;
  /** An address with a new one-time token; undefined while the port is off or cannot be bound. */
  readonly newAddress: () => { readonly url: string; readonly validUntil: number } | undefined;
  /** Somebody has opened a session. */
  readonly signedIn: (caller: Caller) => void;
}

const PATH = '/api/v1/session';

export function sessionRoutes({ control, newAddress, signedIn }: SessionRoutes): readonly Route[] {
  const sessions = () => available(control(), 'The page');
  return [
    {
      method: 'GET',
      path: PATH,
      needs: 'open',
      reach: 'none',
      about: about('What the caller may do'),
      handle: ({ caller, message }) =>
        Promise.resolve(reply(answerFor(caller, control()), control()?.prolonged(message))),
    },
    {
      method: 'POST',
      path: PATH,
      needs: 'open',
      reach: 'none',
      act: null,
      about: about('Opens a session and sets its cookie', signInRequest),
      handle: async ({ body, message }) => {
        const given = signInRequest.safeParse(body);
        if (!given.success)
          throw new HttpError(400, 'The body must be { "token": … } or { "password": … }, with a "user" if it is one');
        const { cookie, caller } = await sessions().signIn(message, given.data);
        signedIn(caller);
        return reply(answerFor(caller, control()), cookie);
      },
    },
    {
      method: 'DELETE',
      path: PATH,
      needs: 'open',
      reach: 'none',
      act: null,
      about: about('Deletes the cookie of the session'),
      handle: ({ message }) => Promise.resolve(reply(answerFor(STRANGER, control()), sessions().signOut(message))),
    },
    ...openIdRoutes(sessions, signedIn),
    defineRoute({
      method: 'POST',
      path: `${PATH}/address`,
      needs: 'owner',
      reach: 'all',
      act: 'address_created',
      summary: 'An address of the page that opens one session, within 15 minutes',
      answer: addressAnswer,
      handle: () => available(newAddress(), 'The page'),
    }),
  ];
}

function openIdRoutes(sessions: () => SessionControl, signedIn: SessionRoutes['signedIn']): readonly Route[] {
  return [
    {
      method: 'GET',
      path: OPEN_ID_PATH,
      needs: 'open',
      reach: 'none',
      about: undefined,
      handle: async ({ message }) => {
        const { location, cookie } = await sessions().beginOpenId(message);
        return new Reply(302, { location, 'set-cookie': cookie, 'cache-control': 'no-store' }, '');
      },
    },
    {
      method: 'GET',
      path: CALLBACK_PATH,
      // The provider's page leads here.
      needs: 'page',
      reach: 'none',
      about: undefined,
      handle: async ({ query, message }) => {
        try {
          const { cookie, caller, ended } = await sessions().finishOpenId(message, query);
          signedIn(caller);
          // Not a redirect: browsers would leave out the strict cookie, as the way began at another site.
          return html(200, '<meta http-equiv="refresh" content="0;url=/">', [cookie, ended]);
        } catch (error) {
          if (!(error instanceof HttpError)) throw error;
          return html(error.status, `<p>${escaped(error.message)}</p><p><a href="/">Back</a></p>`, []);
        }
      },
    },
  ];
}

function html(status: number, body: string, cookies: string[]): Reply {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
  const document = `<!doctype html><title>healthd</title>${body}\n`;
  return new Reply(status, cookies.length === 0 ? headers : { ...headers, 'set-cookie': cookies }, document);
}

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function about(summary: string, body?: z.ZodType) {
  return { summary, query: z.strictObject({}), body, answer: sessionAnswer };
}

/** @param control undefined while the port is off */
export function answerFor(
  { mayRead, role, name, isNamed }: Caller,
  control: Pick<SessionControl, 'hasPassword' | 'hasUsers' | 'oidc'> | undefined,
): SessionAnswer {
  return {
    mayRead,
    mayAct: includes(role, 'operator'),
    role: role ?? null,
    ...(isNamed && { name }),
    hasPassword: control !== undefined && (control.hasPassword || control.hasUsers),
    hasUsers: control?.hasUsers ?? false,
    ...(control?.oidc !== undefined && { oidc: control.oidc }),
  };
}

function reply(answer: SessionAnswer, cookie: string | undefined): Reply {
  const headers = { 'content-type': 'application/json', ...(cookie === undefined ? {} : { 'set-cookie': cookie }) };
  return new Reply(200, headers, `${JSON.stringify(answer)}\n`);
}
