/** Who may do what, in the API and in the configuration. Times are ms since the Unix epoch. */
import { z } from '../plugin/index.ts';

/** Each may do what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const MOST_TAGS = 16;
const MOST_VALUES = 100;
const text = z.string().min(1).max(255);

/** Tags that a host must have, with one of the values of each. */
export const hostScope = z
  .record(text, z.union([text, z.array(text).min(1).max(MOST_VALUES)]))
  .refine((tags) => Object.keys(tags).length > 0, 'needs a tag; leave it out for all hosts')
  .refine((tags) => Object.keys(tags).length <= MOST_TAGS, `has more than ${MOST_TAGS} tags`);
export type HostScope = Readonly<z.output<typeof hostScope>>;

const DAY = 86_400_000;

/** What is known of a token, but for what proves it. */
export const tokenFacts = {
  /** For people; not the token. */
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  /** Absent: all hosts. */
  scope: hostScope.optional(),
  createdAt: z.number(),
  createdBy: z.string(),
  expiresAt: z.number(),
};

/** `GET /api/v1/tokens`: in the order in which they were made. */
export const apiTokensAnswer = z.object({ tokens: z.array(z.object(tokenFacts)) });

/** `POST /api/v1/tokens`. */
export const apiTokenRequest = z.strictObject({
  /** Stands in the audit log. */
  name: z.string().regex(/^[\w.@+-]{1,100}$/, 'must be letters, digits and . _ @ + -'),
  role: z.enum(ROLES),
  scope: hostScope.optional(),
  expiresMs: z
    .number()
    .int()
    .min(60_000)
    .max(366 * DAY),
});
/** Shown once. */
export const apiTokenAnswer = z.object({ token: z.string(), ...tokenFacts });

export type ApiTokensAnswer = z.output<typeof apiTokensAnswer>;
export type ApiTokenRequest = z.output<typeof apiTokenRequest>;
export type ApiTokenAnswer = z.output<typeof apiTokenAnswer>;
