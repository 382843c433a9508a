/** `healthd silence add|list|expire`. */
import { hostname } from 'node:os';

import type { ListedSilence, SilenceRequest } from '../../alerts/control.ts';
import { ANY_MATCH, matchableOf, unmatchable, type Matchable } from '../../alerts/audience/check-matches.ts';
import { compileMatch, labelsOf } from '../../alerts/audience/matchers.ts';
import { compilePattern } from '../../alerts/audience/patterns.ts';
import { InvalidConfig } from '../../config/problem.ts';
import { systemClock } from '../../core/clock.ts';
import { ConfigError } from '../../core/errors.ts';

import { nearest } from '../../registry/nearest.ts';
import type { ControlClient } from '../../server/client.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { readConfig } from '../read-config.ts';
import { parseDurationOption, parseTimeAhead } from '../time.ts';

import { authorOf } from './author.ts';
import { currentAlerts } from './current-alerts.ts';
import { parseLabels } from './labels.ts';
import { silenceLines } from './list-text.ts';
import { print as printTo } from '../print.ts';

export interface SilenceAddInput extends ConfigOptions {
  /** `label=pattern`. */
  readonly labels: readonly string[];
  readonly from?: string;
  readonly for?: string;
  readonly until?: string;
  readonly comment?: string;
  readonly by?: string;
  readonly json?: boolean;
}

export function silenceAdd({ labels, ...options }: SilenceAddInput, terminal: Terminal): Promise<ExitCode> {
  const now = systemClock.now();
  const from = startOf(options.from, now);
  const request: SilenceRequest = {
    match: parseLabels(labels),
    ...(from !== undefined && { from }),
    until: endOf(options, from ?? now),
    comment: options.comment ?? '',
    by: authorOf(options.by),
  };
  return withDaemon(options, terminal, async ({ client, print }) => {
    const config = await configIfValid(options, terminal);
    const isHub = config === undefined || config.hub !== undefined;
    refuseTypos(request.match, isHub ? ANY_MATCH : matchableOf(config.alerts.rules));
    const silence = (await client.post('/api/v1/silences', request)) as ListedSilence;
    print(options.json === true ? silence : silenceLines([silence], systemClock.now()));
    const own = isHub ? undefined : (config.agent.hostname ?? hostname());
    const hint = silence.state === 'pending' ? elsewhere(silence.match, own) : await ofNoUse(client, silence, own);
    if (hint !== undefined) printTo(terminal.stderr, hint);
    return EXIT.ok;
  });
}

/** A wrong configuration, or a variable that this shell lacks, must not keep anybody from a silence: the agent runs. */
async function configIfValid(options: ConfigOptions, terminal: Terminal) {
  try {
    return await readConfig(options, terminal);
  } catch (error) {
    if (error instanceof InvalidConfig) return undefined;
    throw error;
  }
}

/** @throws ConfigError for a matcher that can match no alert */
function refuseTypos(match: SilenceRequest['match'], matchable: Matchable): void {
  const [problem] = unmatchable(match, matchable, nearest);
  if (problem !== undefined) throw new ConfigError([problem.message, problem.hint].filter(Boolean).join('; '));
}

/** @param own host of this agent; undefined for a hub @returns undefined if it matches something */
async function ofNoUse(client: ControlClient, { match }: ListedSilence, own: string | undefined) {
  const { alerts: listed } = await currentAlerts(client);
  const matches = compileMatch(match);
  if (listed.some(({ alert, state }) => state !== 'pending' && matches(labelsOf(alert)))) return undefined;
  const labels = [...ALWAYS, ...listed.flatMap(({ alert }) => Object.keys(labelsOf(alert)))];
  return [NO_MATCH, misspelt(match, labels), elsewhere(match, own)].filter((text) => text !== undefined).join('; ');
}

/** Labels of every alert. */
const ALWAYS = ['rule', 'level', 'host'];

/** Where any label may come with an alert of another host, as at a hub. */
function misspelt(match: SilenceRequest['match'], labels: readonly string[]): string | undefined {
  for (const label of Object.keys(match)) {
    const near = labels.includes(label) ? undefined : nearest(label, labels);
    if (near !== undefined) return `no alert has the label "${label}" now; did you mean "${near}"?`;
  }
  return undefined;
}

const NO_MATCH = 'The silence matches no alert that is firing now';

/** A silence of an agent that is no hub has an effect only there. */
function elsewhere({ host }: SilenceRequest['match'], own: string | undefined): string | undefined {
  if (typeof host !== 'string' || own === undefined || compilePattern(host)(own)) return undefined;
  return `this agent is on the host ${own}, and agents of other hosts do not get the silence`;
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

/** Clocks of people differ a little from that of the host. ms. */
const TOLERANCE_MS = 60_000;

/** @returns undefined: now @throws ConfigError for a time that is over */
function startOf(from: string | undefined, now: number): number | undefined {
  const start = from === undefined ? undefined : parseTimeAhead(from, now);
  if (start !== undefined && start < now - TOLERANCE_MS)
    throw new ConfigError(`--from "${from ?? ''}" is over; without --from the silence begins now`);
  return start;
}

/** @param start when the silence begins @throws ConfigError unless exactly one of the two is given */
function endOf(options: { readonly for?: string; readonly until?: string }, start: number): number {
  if ((options.for === undefined) === (options.until === undefined)) {
    throw new ConfigError('Give either --for, such as 2h, or --until, such as 22:00 or 2026-01-31T08:00:00Z');
  }
  return options.for === undefined
    ? parseTimeAhead(options.until ?? '', start)
    : start + parseDurationOption('--for', options.for);
}
