/** Opens and ends sessions. */
import type { IncomingMessage } from 'node:http';

import { addressAnswer, sessionAnswer, signInRequest, type SessionAnswer } from '../../api/agent.ts';
import { z } from '../../plugin/index.ts';

import type { SignedIn, SignIn } from '../access/access.ts';
import { includes, STRANGER, type Caller } from '../access/caller.ts';
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

function about(summary: string, body?: z.ZodType) {
  return { summary, query: z.strictObject({}), body, answer: sessionAnswer };
}

/** @param control undefined while the port is off */
export function answerFor(
  { mayRead, role, name, isNamed }: Caller,
  control: Pick<SessionControl, 'hasPassword' | 'hasUsers'> | undefined,
): SessionAnswer {
  return {
    mayRead,
    mayAct: includes(role, 'operator'),
    role: role ?? null,
    ...(isNamed && { name }),
    hasPassword: control !== undefined && (control.hasPassword || control.hasUsers),
    hasUsers: control?.hasUsers ?? false,
  };
}

function reply(answer: SessionAnswer, cookie: string | undefined): Reply {
  const headers = { 'content-type': 'application/json', ...(cookie === undefined ? {} : { 'set-cookie': cookie }) };
  return new Reply(200, headers, `${JSON.stringify(answer)}\n`);
}
