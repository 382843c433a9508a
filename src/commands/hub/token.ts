/** `healthd hub token create|list|end`. */
import type { TokenAnswer, TokenRequest, TokensAnswer } from '../../api/fleet.ts';
import { ConfigError } from '../../core/errors.ts';
import { isLoopbackName } from '../../core/listen-address.ts';

import { columns, humanCount } from '../columns.ts';
import type { ExitCode, Terminal } from '../command.ts';
import { pairsOf } from '../pairs.ts';
import { parseDurationOption } from '../time.ts';
import { expiryText, runTokens, type TokenInput } from '../tokens.ts';

export interface HubTokenInput extends TokenInput {
  /** `key=value,key=value`. */
  readonly tags?: string;
  readonly expires?: string;
  readonly uses?: string;
  readonly forget?: string;
}

const HOUR = 3_600_000;
const MOST_USES = 10_000;

export function hubToken(input: HubTokenInput, terminal: Terminal): Promise<ExitCode> {
  return runTokens<TokenAnswer, Token>(input, terminal, {
    command: 'healthd hub token',
    path: '/api/v1/fleet/tokens',
    wish: () => wishOf(input),
    made: ({ join }, left) => ({
      note: `${reachText(join)}For ${hostsText(input)}, within ${left}. Run on each, as the user of its agent:`,
      line: `healthd join ${join}`,
    }),
    lines: tokenLines,
  });
}

function reachText(join: string): string {
  const hostname = new URL(join).hostname.replace(/^\[|\]$/g, '');
  if (!isLoopbackName(hostname)) return '';
  return `Only agents on this machine reach ${hostname}: for others set server.listen, such as ":8400", and server.password\n`;
}

function hostsText({ uses = '1' }: HubTokenInput): string {
  return Number(uses) === 1 ? 'one host' : `${Number(uses)} hosts`;
}

/** @throws ConfigError */
function wishOf({ tags = '', expires, uses = '1', forget }: HubTokenInput): TokenRequest {
  const count = Number(uses);
  if (!Number.isInteger(count) || count < 1 || count > MOST_USES)
    throw new ConfigError(`--uses ${uses} is not a number of hosts from 1 to ${humanCount(MOST_USES)}`);
  return {
    tags: Object.fromEntries(pairsOf(tags)),
    uses: count,
    expiresMs: expires === undefined ? HOUR : parseDurationOption('--expires', expires, { least: '1m', most: '365d' }),
    ...(forget !== undefined && { forgetAfterMs: parseDurationOption('--forget', forget, { least: '1m' }) }),
  };
}

type Token = TokensAnswer['tokens'][number];

function tokenLines(tokens: readonly Token[]): readonly string[] {
  if (tokens.length === 0) return ['There is no join token; make one with "healthd hub token create"'];
  const rows = tokens.map(({ id, used, uses, expiresAt, tags }) => [
    id,
    `${used}/${uses}`,
    expiryText(expiresAt),
    Object.entries(tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  ]);
  return columns([['ID', 'USED', 'EXPIRES', 'TAGS'], ...rows], ['left', 'right', 'left', 'left']);
}
