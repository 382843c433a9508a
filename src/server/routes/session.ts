/** Opens and ends sessions. */
import type { IncomingMessage } from 'node:http';

import { addressAnswer, sessionAnswer, signInRequest, type SessionAnswer } from '../../api/agent.ts';
import { z } from '../../plugin/index.ts';

import type { SignIn } from '../access/access.ts';
import { Reply } from '../answer.ts';
import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Caller, type Route } from '../route.ts';

/** Of the TCP port. */
export interface SessionControl {
  readonly hasPassword: boolean;
  /** @returns a `Set-Cookie` header */
  signIn(request: IncomingMessage, given: SignIn): Promise<string>;
  signOut(request: IncomingMessage): string;
  prolonged(request: IncomingMessage): string | undefined;
}

export interface SessionRoutes {
  /** Undefined while the port is off. */
  readonly control: () => SessionControl | undefined;
  /** An address with a new one-time token; undefined while the port is off or cannot be bound. */
  readonly newAddress: () => { readonly url: string; readonly validUntil: number } | undefined;
}

const PATH = '/api/v1/session';

export function sessionRoutes({ control, newAddress }: SessionRoutes): readonly Route[] {
  const sessions = () => available(control(), 'The page');
  return [
    {
      method: 'GET',
      path: PATH,
      scope: 'open',
      about: about('What the caller may do'),
      handle: ({ caller, message }) =>
        Promise.resolve(reply(answerFor(caller, control()), control()?.prolonged(message))),
    },
    {
      method: 'POST',
      path: PATH,
      scope: 'open',
      about: about('Opens a session and sets its cookie', signInRequest),
      handle: async ({ body, message }) => {
        const given = signInRequest.safeParse(body);
        if (!given.success) throw new HttpError(400, 'The body must be { "token": … } or { "password": … }');
        const cookie = await sessions().signIn(message, given.data);
        return reply(answerFor({ mayRead: true, mayAct: true, isOwner: false }, control()), cookie);
      },
    },
    {
      method: 'DELETE',
      path: PATH,
      scope: 'open',
      about: about('Deletes the cookie of the session'),
      handle: ({ message }) =>
        Promise.resolve(
          reply(answerFor({ mayRead: false, mayAct: false, isOwner: false }, control()), sessions().signOut(message)),
        ),
    },
    defineRoute({
      method: 'POST',
      path: `${PATH}/address`,
      scope: 'owner',
      summary: 'An address of the page that opens one session, within 15 minutes',
      answer: addressAnswer,
      handle: () => available(newAddress(), 'The page'),
    }),
  ];
}

function about(summary: string, body?: z.ZodType) {
  return { summary, query: z.strictObject({}), body, answer: sessionAnswer };
}

function answerFor({ mayRead, mayAct }: Caller, control: SessionControl | undefined): SessionAnswer {
  return { mayRead, mayAct, hasPassword: control?.hasPassword ?? false };
}

function reply(answer: SessionAnswer, cookie: string | undefined): Reply {
  const headers = { 'content-type': 'application/json', ...(cookie === undefined ? {} : { 'set-cookie': cookie }) };
  return new Reply(200, headers, `${JSON.stringify(answer)}\n`);
}
