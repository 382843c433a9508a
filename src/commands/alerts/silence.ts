/** `healthd silence add|list|expire`. */
import { hostname } from 'node:os';

import type { ListedSilence, SilenceRequest } from '../../alerts/control.ts';
import { ANY_MATCH, matchableOf, unmatchable, type Matchable } from '../../alerts/audience/check-matches.ts';
import { compileMatch, labelsOf } from '../../alerts/audience/matchers.ts';
import { compilePattern } from '../../alerts/audience/patterns.ts';
import { systemClock } from '../../core/clock.ts';
import { parseDuration } from '../../core/duration.ts';
import { ConfigError } from '../../core/errors.ts';

import { nearest } from '../../registry/nearest.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { readConfig } from '../read-config.ts';
import { parseTimeAhead } from '../time.ts';

import { authorOf } from './author.ts';
import { currentAlerts } from './current-alerts.ts';
import { parseLabels } from './labels.ts';
import { silenceLines } from './list-text.ts';
import { print as printTo } from '../print.ts';

export interface SilenceAddInput extends ConfigOptions {
  /** `label=pattern`. */
  readonly labels: readonly string[];
  readonly for?: string;
  readonly until?: string;
  readonly comment?: string;
  readonly by?: string;
  readonly json?: boolean;
}

export function silenceAdd({ labels, ...options }: SilenceAddInput, terminal: Terminal): Promise<ExitCode> {
  const request: SilenceRequest = {
    match: parseLabels(labels),
    until: endOf(options, systemClock.now()),
    comment: options.comment ?? '',
    by: authorOf(options.by),
  };
  return withDaemon(options, terminal, async ({ client, print }) => {
    const config = await readConfig(options, terminal);
    refuseTypos(request.match, config.hub === undefined ? matchableOf(config.alerts.rules) : ANY_MATCH);
    const silence = (await client.post('/api/v1/silences', request)) as ListedSilence;
    print(options.json === true ? silence : silenceLines([silence], systemClock.now()));
    const { alerts: listed } = await currentAlerts(client);
    const matches = compileMatch(request.match);
    const isOfUse = listed.some(({ alert, state }) => state !== 'pending' && matches(labelsOf(alert)));
    if (!isOfUse) printTo(terminal.stderr, nothingMatches(request.match, config.agent));
    return EXIT.ok;
  });
}

/** @throws ConfigError for a matcher that can match no alert */
function refuseTypos(match: SilenceRequest['match'], matchable: Matchable): void {
  const [problem] = unmatchable(match, matchable, nearest);
  if (problem !== undefined) throw new ConfigError([problem.message, problem.hint].filter(Boolean).join('; '));
}

/** A silence has an effect only in the agent that gets it. */
function nothingMatches({ host }: SilenceRequest['match'], agent: { readonly hostname: string | undefined }): string {
  const text = 'The silence matches no alert that is firing now';
  const own = agent.hostname ?? hostname();
  if (typeof host !== 'string' || compilePattern(host)(own)) return text;
  return `${text}; this agent is on the host ${own}, and agents of other hosts do not get the silence`;
}

export interface SilenceListInput extends ConfigOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

export function silenceList(options: SilenceListInput, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client, print }) => {
    const { silences: all } = (await client.get('/api/v1/silences')) as { readonly silences: readonly ListedSilence[] };
    const silences = all.filter(({ state }) => options.all === true || state !== 'expired');
    print(options.json === true ? silences : silenceLines(silences, systemClock.now()));
    return EXIT.ok;
  });
}

export interface SilenceExpireInput extends ConfigOptions {
  readonly id: string;
  readonly by?: string;
}

export function silenceExpire({ id, by, ...options }: SilenceExpireInput, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client, print }) => {
    const path = `/api/v1/silences/${encodeURIComponent(id)}/expire`;
    const silence = (await client.post(path, { by: authorOf(by) })) as ListedSilence;
    print(silenceLines([silence], systemClock.now()));
    return EXIT.ok;
  });
}

/** @throws ConfigError unless exactly one of the two is given */
function endOf(options: { readonly for?: string; readonly until?: string }, now: number): number {
  if ((options.for === undefined) === (options.until === undefined)) {
    throw new ConfigError('Give either --for, such as 2h, or --until, such as 22:00 or 2026-01-31T08:00:00Z');
  }
  return options.for === undefined ? parseTimeAhead(options.until ?? '', now) : now + parseDuration(options.for);
}
