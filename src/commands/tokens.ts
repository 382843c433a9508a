/** What `healthd hub token` and `healthd server token` have in common: create, list, end. */
import { ConfigError } from '../core/errors.ts';
import { systemClock } from '../core/clock.ts';

import { humanAge } from './columns.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { withDaemon } from './daemon.ts';
import { print as printTo } from './print.ts';

export interface TokenInput extends ConfigOptions {
  readonly action: 'create' | 'list' | 'end';
  readonly id?: string;
  readonly json?: boolean;
}

export interface TokenKind<Made extends { readonly expiresAt: number }, Token> {
  /** For messages: `healthd hub token`. */
  readonly command: string;
  /** Of the API. */
  readonly path: string;
  /** What is asked for. @throws ConfigError */
  readonly wish: () => object;
  /** @param left until it expires, as a text @returns what people are told, and the line that is printed alone */
  readonly made: (made: Made, left: string) => { readonly note: string; readonly line: string };
  readonly lines: (tokens: readonly Token[]) => readonly string[];
}

/** @throws ConfigError */
export function runTokens<Made extends { readonly expiresAt: number }, Token>(
  { action, id, json = false, ...options }: TokenInput,
  terminal: Terminal,
  { command, path, wish, made, lines }: TokenKind<Made, Token>,
): Promise<ExitCode> {
  const wanted = action === 'create' ? wish() : undefined;
  return withDaemon(options, terminal, async ({ client, print }) => {
    if (wanted !== undefined) {
      const answer = (await client.post(path, wanted)) as Made;
      const { note, line } = made(answer, humanAge(answer.expiresAt - systemClock.now() + 500));
      if (!json) printTo(terminal.stderr, note);
      print(json ? answer : [line]);
    } else if (action === 'list') {
      const { tokens } = (await client.get(path)) as { readonly tokens: readonly Token[] };
      print(json ? tokens : lines(tokens));
    } else {
      if (id === undefined) throw new ConfigError(`Give the id from "${command} list"`);
      await client.post(`${path}/${encodeURIComponent(id)}/end`, {});
      print([`Token ${id} has ended`]);
    }
    return EXIT.ok;
  });
}

/** `in 3h`, or `expired`. @param at ms since the Unix epoch */
export function expiryText(at: number): string {
  const now = systemClock.now();
  return at > now ? `in ${humanAge(at - now)}` : 'expired';
}
