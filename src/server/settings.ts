/** The section `server`. */
import { parseListen } from '../core/listen-address.ts';
import { hostScope, ROLES } from '../api/access.ts';
import { z } from '../plugin/index.ts';

import { isHash } from './access/credentials.ts';

/** Shorter ones are guessed in time. Characters. */
const SHORTEST_PASSWORD = 8;
/** Characters; a password manager or `openssl rand -hex 16` makes it. */
const SHORTEST_TOKEN = 20;

function secret(shortest: number, what: string) {
  return z
    .string()
    .refine((text) => isHash(text) || text.length >= shortest, `must have at least ${shortest} characters`)
    .meta({ secret: true })
    .describe(what);
}

const NAME = /^[\w.@+-]{1,100}$/;
const MOST_USERS = 500;

const user = z.strictObject({
  password: secret(SHORTEST_PASSWORD, 'As it is, or as "healthd hash-password" prints it'),
  role: z
    .enum(ROLES)
    .describe(
      '`viewer` reads; `operator` also silences, acknowledges, resolves; `admin` also changes rules, hosts and tokens',
    ),
  scope: hostScope
    .optional()
    .describe('Tags of the hosts that the user sees and acts on, such as { team: shop }; default: all hosts'),
});

const options = z
  .strictObject({
    listen: z
      .string()
      .refine((text) => parseListen(text) !== undefined, 'must be host:port, such as 127.0.0.1:8400')
      .optional()
      .describe('Address and port; default: 127.0.0.1 and the first free port from 8400 to 8409'),
    password: secret(
      SHORTEST_PASSWORD,
      'Opens a session; as it is, or as "healthd hash-password" prints it',
    ).optional(),
    tokens: z
      .array(secret(SHORTEST_TOKEN, 'A token'))
      .max(20)
      .default([])
      .describe('For programs, as "Authorization: Bearer …"; as they are, or hashed like the password'),
    users: z
      .record(z.string().regex(NAME, 'must be letters, digits and . _ @ + -'), user)
      .refine((users) => Object.keys(users).length <= MOST_USERS, `has more than ${MOST_USERS} users`)
      .optional()
      .describe('Who may sign in, by name; with users, nobody reads without signing in, on this host too'),
    certificate: z.string().min(1).optional().describe('Path of the TLS certificate with its chain, PEM'),
    key: z.string().min(1).optional().describe('Path of its private key, PEM'),
  })
  .superRefine(({ listen, password, tokens, users, certificate, key }, context) => {
    if ((certificate === undefined) !== (key === undefined)) {
      const path = [certificate === undefined ? 'key' : 'certificate'];
      context.addIssue({ code: 'custom', path, message: 'certificate and key belong together; set both' });
    }
    const isOpen = parseListen(listen ?? '')?.isLoopback === false;
    if (!isOpen || password !== undefined || tokens.length > 0 || Object.keys(users ?? {}).length > 0) return;
    const message =
      'other machines can reach this address, so a password or a token is required: set server.password or server.users, or listen on 127.0.0.1';
    context.addIssue({ code: 'custom', path: ['listen'], message });
  });

/** `false` turns the port off; commands still reach the agent through its control socket. */
export const serverSchema = z.union([z.literal(false), options]);

export type ServerSettings = Readonly<z.output<typeof options>>;
