/** `healthd server token create|list|end`. */
import {
  ROLES,
  type ApiTokenAnswer,
  type ApiTokenRequest,
  type ApiTokensAnswer,
  type HostScope,
  type Role,
} from '../../api/access.ts';
import { systemClock } from '../../core/clock.ts';
import { parseDuration } from '../../core/duration.ts';
import { ConfigError } from '../../core/errors.ts';

import { columns, humanAge } from '../columns.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { pairsOf } from '../pairs.ts';
import { print as printTo } from '../print.ts';

export interface ServerTokenInput extends ConfigOptions {
  readonly action: 'create' | 'list' | 'end';
  readonly id?: string;
  readonly name?: string;
  readonly role?: string;
  /** `key=value,key=value`. */
  readonly scope?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

const DEFAULT_EXPIRES = '90d';
const LEFT = ['left', 'left', 'left', 'left', 'left', 'left'] as const;

export function serverToken(input: ServerTokenInput, terminal: Terminal): Promise<ExitCode> {
  const wish = input.action === 'create' ? wishOf(input) : undefined;
  return withDaemon(input, terminal, async ({ client, print }) => {
    if (wish !== undefined) {
      const made = (await client.post('/api/v1/tokens', wish)) as ApiTokenAnswer;
      if (input.json === true) print(made);
      else {
        const left = humanAge(made.expiresAt - systemClock.now() + 500);
        printTo(terminal.stderr, `For ${made.name}, as ${made.role}, for ${left}. It is shown this once:`);
        print([made.token]);
      }
    } else if (input.action === 'list') {
      const { tokens } = (await client.get('/api/v1/tokens')) as ApiTokensAnswer;
      print(input.json === true ? tokens : tokenLines(tokens));
    } else {
      if (input.id === undefined) throw new ConfigError('Give the id from "healthd server token list"');
      await client.post(`/api/v1/tokens/${encodeURIComponent(input.id)}/end`, {});
      print([`Token ${input.id} has ended`]);
    }
    return EXIT.ok;
  });
}

/** @throws ConfigError */
function wishOf({ name, role = 'viewer', scope, expires = DEFAULT_EXPIRES }: ServerTokenInput): ApiTokenRequest {
  if (name === undefined) throw new ConfigError('Say who gets the token: --name grafana');
  if (!isRole(role)) throw new ConfigError(`--role ${role} is none of ${ROLES.join(', ')}`);
  return {
    name,
    role,
    expiresMs: parseDuration(expires),
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

function tokenLines(tokens: ApiTokensAnswer['tokens']): readonly string[] {
  if (tokens.length === 0) return ['There is no API token; make one with "healthd server token create"'];
  const now = systemClock.now();
  const rows = tokens.map(({ id, name, role, scope, expiresAt, createdBy }) => [
    id,
    name,
    role,
    scopeText(scope),
    expiresAt > now ? `in ${humanAge(expiresAt - now)}` : 'expired',
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
