/** The section `server`. */
import { isLoopbackName, parseListen } from '../core/listen-address.ts';
import { hostScope, ROLES } from '../api/access.ts';
import { z } from '../plugin/index.ts';

import { isHash } from './access/credentials.ts';

/** Shorter ones are guessed in time. Characters. */
export const SHORTEST_PASSWORD = 8;
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

const text = z.string().min(1).max(1000);

const oidc = z.strictObject({
  issuer: z
    .url({ protocol: /^https?$/ })
    .refine(isEncrypted, 'must be https, except on a loopback address')
    .describe('As the provider writes it, without /.well-known/openid-configuration'),
  client_id: text.describe(
    'As registered at the provider, with the redirect address https://HOST/api/v1/session/oidc/callback',
  ),
  client_secret: text
    .meta({ secret: true })
    .optional()
    .describe('Leave it out for a public client; PKCE is used in any case'),
  title: z.string().min(1).max(50).default('OpenID').describe('What people call the provider'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be one word'))
    .max(20)
    .default(['openid', 'profile', 'email'])
    .refine((scopes) => scopes.includes('openid'), 'needs openid')
    .describe('What is asked of the provider; many need one more for groups'),
  name_claim: text.default('preferred_username').describe('Claim with the name for the audit log; else email or sub'),
  groups_claim: text.default('groups').describe('Claim with the groups, in the ID token or the user info'),
  groups: z
    .record(text, z.strictObject({ role: user.shape.role, scope: user.shape.scope }))
    .refine((groups) => Object.keys(groups).length > 0, 'needs a group, or nobody can sign in')
    .refine((groups) => Object.keys(groups).length <= MOST_USERS, `has more than ${MOST_USERS} groups`)
    .describe('What each group may do; of several that somebody has, the first of this list counts'),
});

function isEncrypted(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || isLoopbackName(hostname.replace(/^\[(.*)\]$/, '$1'));
}

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
    oidc: oidc.optional().describe('An OpenID provider that people sign in with'),
    certificate: z.string().min(1).optional().describe('Path of the TLS certificate with its chain, PEM'),
    key: z.string().min(1).optional().describe('Path of its private key, PEM'),
  })
  .superRefine(({ listen, password, tokens, users, oidc: provider, certificate, key }, context) => {
    if ((certificate === undefined) !== (key === undefined)) {
      const path = [certificate === undefined ? 'key' : 'certificate'];
      context.addIssue({ code: 'custom', path, message: 'certificate and key belong together; set both' });
    }
    const isOpen = parseListen(listen ?? '')?.isLoopback === false;
    if (
      !isOpen ||
      password !== undefined ||
      provider !== undefined ||
      tokens.length > 0 ||
      Object.keys(users ?? {}).length > 0
    )
      return;
    const message =
      'other machines can reach this address, so a password or a token is required: set server.password or server.users, or listen on 127.0.0.1';
    context.addIssue({ code: 'custom', path: ['listen'], message });
  });

/** `false` turns the port off; commands still reach the agent through its control socket. */
export const serverSchema = z.union([z.literal(false), options]);

export type ServerSettings = Readonly<z.output<typeof options>>;
