/** `healthd server token create|list|end`. */
import {
  ROLES,
  type ApiTokenAnswer,
  type ApiTokenRequest,
  type ApiTokensAnswer,
  type HostScope,
  type Role,
} from '../../api/access.ts';
import { ConfigError } from '../../core/errors.ts';

import { columns } from '../columns.ts';
import type { ExitCode, Terminal } from '../command.ts';
import { pairsOf } from '../pairs.ts';
import { parseDurationOption } from '../time.ts';
import { expiryText, runTokens, type TokenInput } from '../tokens.ts';

export interface ServerTokenInput extends TokenInput {
  readonly name?: string;
  readonly role?: string;
  /** `key=value,key=value`. */
  readonly scope?: string;
  readonly expires?: string;
}

const DEFAULT_EXPIRES = '90d';
const LEFT = ['left', 'left', 'left', 'left', 'left', 'left'] as const;

export function serverToken(input: ServerTokenInput, terminal: Terminal): Promise<ExitCode> {
  return runTokens<ApiTokenAnswer, Token>(input, terminal, {
    command: 'healthd server token',
    path: '/api/v1/tokens',
    wish: () => wishOf(input),
    made: ({ name, role, token }, left) => ({
      note: `For ${name}, as ${role}, for ${left}. It is shown this once:`,
      line: token,
    }),
    lines: tokenLines,
  });
}

/** @throws ConfigError */
function wishOf({ name, role = 'viewer', scope, expires = DEFAULT_EXPIRES }: ServerTokenInput): ApiTokenRequest {
  if (name === undefined) throw new ConfigError('Say who gets the token: --name grafana');
  if (!isRole(role)) throw new ConfigError(`--role ${role} is none of ${ROLES.join(', ')}`);
  return {
    name,
    role,
    expiresMs: parseDurationOption('--expires', expires, { least: '1m', most: '366d' }),
    ...(scope !== undefined && { scope: scopeOf(scope) }),
  };
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

/** A tag that is repeated may have any of its values. @throws ConfigError */
function scopeOf(text: string): HostScope {
  const scope = new Map<string, string[]>();
  for (const [key, value] of pairsOf(text)) scope.set(key, [...(scope.get(key) ?? []), value]);
  return Object.fromEntries(scope);
}

type Token = ApiTokensAnswer['tokens'][number];

function tokenLines(tokens: readonly Token[]): readonly string[] {
  if (tokens.length === 0) return ['There is no API token; make one with "healthd server token create"'];
  const rows = tokens.map(({ id, name, role, scope, expiresAt, createdBy }) => [
    id,
    name,
    role,
    scopeText(scope),
    expiryText(expiresAt),
    createdBy,
  ]);
  return columns([['ID', 'NAME', 'ROLE', 'SCOPE', 'EXPIRES', 'MADE BY'], ...rows], LEFT);
}

function scopeText(scope: HostScope | undefined): string {
  if (scope === undefined) return 'all hosts';
  return Object.entries(scope)
    .flatMap(([key, values]) => [values].flat().map((value) => `${key}=${value}`))
    .join(',');
}
