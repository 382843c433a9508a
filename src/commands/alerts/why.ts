/** `healthd why`: why somebody was, or was not, notified of an alert. */
import { knownAlertsAnswer, MOST_STEPS, type KnownAlert, type WhyAnswer } from '../../api/why.ts';
import { ConfigError } from '../../core/errors.ts';
import { systemClock } from '../../core/clock.ts';
import type { ControlClient } from '../../server/client.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { print as printTo } from '../print.ts';

import { knownLines, whyLines } from './why-text.ts';

export interface WhyInput extends ConfigOptions {
  /** An id or its beginning, a pattern of rules, `label=pattern`; an alert must match all. */
  readonly alert: readonly string[];
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Of the last time that the alert fired. */
const SHOWN_STEPS = 100;
/** Alerts among which the user has to choose. */
const MOST_LISTED = 20;

export function why(
  { alert: words, all = false, json = false, ...options }: WhyInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const [empty] = words.filter((word) => word.trim() === '');
  if (empty !== undefined) throw new ConfigError('Name an alert: by its id, its rule, or label=pattern');
  return withDaemon(options, terminal, async ({ client, print }) => {
    const { alerts, isCut } = await knownAlerts(client, words);
    const one = chosen(alerts, words);
    if (one === undefined) {
      printTo(alerts.length === 0 ? terminal.stderr : terminal.stdout, choiceText(alerts, isCut, words));
      return EXIT.failed;
    }
    const limit = all || json ? MOST_STEPS : 2 * SHOWN_STEPS;
    const path = `/api/v1/alerts/${encodeURIComponent(one.fingerprint)}/why?limit=${limit}`;
    const answer = (await client.get(path)) as WhyAnswer;
    print(json ? answer : whyLines(answer, all ? undefined : SHOWN_STEPS));
    return EXIT.ok;
  });
}

async function knownAlerts(client: ControlClient, words: readonly string[]) {
  const query = new URLSearchParams(words.map((word): [string, string] => ['match', word]));
  query.set('limit', String(MOST_LISTED));
  return knownAlertsAnswer.parse(await client.get(`/api/v1/alerts/known?${query.toString()}`));
}

/** Of several, the only one that has not ended. */
function chosen(alerts: readonly KnownAlert[], [word = '', another]: readonly string[]): KnownAlert | undefined {
  const exact = another === undefined ? alerts.find(({ fingerprint }) => fingerprint === word) : undefined;
  const open = alerts.filter(({ state }) => state !== 'ended');
  const [one, second] = open.length > 0 ? open : alerts;
  return exact ?? (second === undefined ? one : undefined);
}

function choiceText(alerts: readonly KnownAlert[], isCut: boolean, words: readonly string[]): string {
  if (alerts.length === 0)
    return `Nothing is known of an alert ${words.join(' ')}, now or in the past; "healthd alerts --history" lists what is`;
  const more = isCut ? [`More match than these ${alerts.length}.`] : [];
  return [...knownLines(alerts, systemClock.now()), ...more, 'Name one by its id: healthd why ID'].join('\n');
}
