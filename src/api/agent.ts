/** The agent itself in the API. Times are ms since the Unix epoch. */
import { z } from '../plugin/index.ts';

import { ROLES } from './access.ts';

/** `GET /api/v1/agent`. */
export const agentAnswer = z.object({
  version: z.string(),
  pid: z.number(),
  startedAt: z.number(),
  /** Files of the configuration; empty for the built-in default. */
  configFiles: z.array(z.string()),
  stateDirectory: z.string(),
  inputs: z.array(
    z.object({
      alias: z.string(),
      plugin: z.string(),
      intervalMs: z.number(),
      /** Of the last gather; null before the first. */
      lastAt: z.number().nullable(),
      lastMs: z.number().nullable(),
      metrics: z.number(),
      errors: z.number(),
      /** Of the last gather, if it failed. */
      error: z.string().optional(),
    }),
  ),
  outputs: z.array(
    z.object({
      alias: z.string(),
      plugin: z.string(),
      waitingLines: z.number(),
      waitingBytes: z.number(),
      /** Age of the oldest line that waits, ms; 0 if none does. */
      lagMs: z.number(),
      written: z.number(),
      dropped: z.number(),
      errors: z.number(),
      error: z.string().optional(),
    }),
  ),
  journal: z.object({ diskBytes: z.number(), memoryBytes: z.number(), segments: z.number(), isDegraded: z.boolean() }),
  /** Null: the history is off. */
  history: z
    .object({
      bytes: z.number(),
      headBytes: z.number(),
      sets: z.number(),
      refused: z.number(),
      oldestAt: z.number().nullable(),
    })
    .nullable(),
  deadLetters: z.array(z.object({ output: z.string(), lines: z.number(), bytes: z.number() })),
  receivers: z.array(
    z.object({
      name: z.string(),
      waiting: z.number(),
      sent: z.number(),
      failed: z.number(),
      trouble: z.string().optional(),
    }),
  ),
  /** Why there is no page and no API on a port, though one is configured. */
  portTrouble: z.string().optional(),
  memoryBytes: z.number(),
  /** 100 is one core; over the last minute. */
  cpu: z.number(),
});

export const logLine = z.object({
  at: z.number(),
  level: z.enum(['error', 'warn', 'info', 'debug']),
  source: z.string(),
  message: z.string(),
});
/** `GET /api/v1/log?limit=`: the newest lines of the log, in order; needs a session. */
export const logAnswer = z.object({ lines: z.array(logLine) });

/** `GET /api/v1/config`: as YAML with secrets redacted; needs a session. */
export const configAnswer = z.object({ yaml: z.string() });

/** `GET /api/v1/session`: what the caller may do. `POST /api/v1/session` with `{ token }`, `{ password }` or `{ user, password }` opens one. */
export const sessionAnswer = z.object({
  /** Whether metrics are shown; false beyond loopback without a session. */
  mayRead: z.boolean(),
  /** Whether the caller may silence, acknowledge and resolve. */
  mayAct: z.boolean(),
  /** Null: has not signed in. */
  role: z.enum(ROLES).nullable(),
  /** Of a user or a token; it stands in the audit log, whatever a request says. */
  name: z.string().optional(),
  /** Whether there are users, who sign in with a name. */
  hasUsers: z.boolean(),
  /** Whether somebody can sign in with a password, so that a form makes sense. */
  hasPassword: z.boolean(),
  /** What people call the OpenID provider; absent if there is none. */
  oidc: z.string().optional(),
});

/** `POST /api/v1/session`: `token` is that of a printed address, or an API token. */
export const signInRequest = z.union([
  z.strictObject({ token: z.string().min(1).max(500) }),
  z.strictObject({ password: z.string().min(1).max(500), user: z.string().min(1).max(100).optional() }),
]);

/** `POST /api/v1/session/address`, on the control socket only: an address that opens one session. */
export const addressAnswer = z.object({
  url: z.string(),
  /** ms since the Unix epoch. */
  validUntil: z.number(),
});

/** `GET /api/v1/openapi.json`. */
export const openApiAnswer = z.looseObject({
  openapi: z.literal('3.1.0'),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.unknown()),
});

/** `GET /healthz`, `GET /readyz`. */
export const healthAnswer = z.object({ ok: z.literal(true) });

export type AddressAnswer = z.infer<typeof addressAnswer>;
export type AgentAnswer = z.infer<typeof agentAnswer>;
export type LogLine = z.infer<typeof logLine>;
export type LogAnswer = z.infer<typeof logAnswer>;
export type ConfigAnswer = z.infer<typeof configAnswer>;
export type OpenApiAnswer = z.infer<typeof openApiAnswer>;
export type SessionAnswer = z.infer<typeof sessionAnswer>;
