/** `healthd hub token create|list|end`. */
import type { TokenAnswer, TokenRequest, TokensAnswer } from '../../api/fleet.ts';
import { systemClock } from '../../core/clock.ts';
import { parseDuration } from '../../core/duration.ts';
import { ConfigError } from '../../core/errors.ts';

import { columns, humanAge } from '../columns.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { pairsOf } from '../pairs.ts';
import { print as printTo } from '../print.ts';

export interface HubTokenInput extends ConfigOptions {
  readonly action: 'create' | 'list' | 'end';
  readonly id?: string;
  /** `key=value,key=value`. */
  readonly tags?: string;
  readonly expires?: string;
  readonly uses?: string;
  readonly forget?: string;
  readonly json?: boolean;
}

const HOUR = 3_600_000;

export function hubToken(input: HubTokenInput, terminal: Terminal): Promise<ExitCode> {
  const wish = input.action === 'create' ? wishOf(input) : undefined;
  return withDaemon(input, terminal, async ({ client, print }) => {
    if (wish !== undefined) {
      const made = (await client.post('/api/v1/fleet/tokens', wish)) as TokenAnswer;
      if (input.json === true) print(made);
      else {
        const hosts = wish.uses === 1 ? 'one host' : `${wish.uses} hosts`;
        const left = humanAge(made.expiresAt - systemClock.now() + 500);
        printTo(terminal.stderr, `For ${hosts}, within ${left}. Run on each, as the user of its agent:`);
        print([`healthd join ${made.join}`]);
      }
    } else if (input.action === 'list') {
      const { tokens } = (await client.get('/api/v1/fleet/tokens')) as TokensAnswer;
      print(input.json === true ? tokens : tokenLines(tokens));
    } else {
      if (input.id === undefined) throw new ConfigError('Give the id from "healthd hub token list"');
      await client.post(`/api/v1/fleet/tokens/${encodeURIComponent(input.id)}/end`, {});
      print([`Token ${input.id} has ended`]);
    }
    return EXIT.ok;
  });
}

/** @throws ConfigError */
function wishOf({ tags = '', expires, uses = '1', forget }: HubTokenInput): TokenRequest {
  const count = Number(uses);
  if (!Number.isInteger(count) || count < 1) throw new ConfigError(`--uses ${uses} is not a number of hosts`);
  return {
    tags: Object.fromEntries(pairsOf(tags)),
    uses: count,
    expiresMs: expires === undefined ? HOUR : parseDuration(expires),
    ...(forget !== undefined && { forgetAfterMs: parseDuration(forget) }),
  };
}

function tokenLines(tokens: TokensAnswer['tokens']): readonly string[] {
  if (tokens.length === 0) return ['There is no join token; make one with "healthd hub token create"'];
  const now = systemClock.now();
  const rows = tokens.map(({ id, used, uses, expiresAt, tags }) => [
    id,
    `${used}/${uses}`,
    expiresAt > now ? `in ${humanAge(expiresAt - now)}` : 'expired',
    Object.entries(tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  ]);
  return columns([['ID', 'USED', 'EXPIRES', 'TAGS'], ...rows], ['left', 'right', 'left', 'left']);
}
