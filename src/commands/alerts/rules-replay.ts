/** `healthd rules replay`: runs the configured rules over the lines in the journal. */
import { journalDirectory } from '../../journal/part.ts';
import type { AlertEvent } from '../../alerts/alert-event.ts';
import { Simulator } from '../../alerts/trial/simulate.ts';
import { systemClock } from '../../core/clock.ts';
import { ConfigError } from '../../core/errors.ts';
import { parseLines } from '../../metric/line-protocol.ts';
import { JournalScan } from '../../journal/inspect.ts';
import { formatValue, oneLine } from '../../plugin/index.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { skippedNotes } from '../journal/cat.ts';
import { columns, counted } from '../columns.ts';
import { selectLines } from '../select.ts';
import { withState } from '../state.ts';
import { parseSpan, type SpanOptions } from '../time.ts';
import { print } from '../print.ts';

export interface RulesReplayOptions extends ConfigOptions, SpanOptions {
  readonly from: string;
  readonly rule?: string;
}

export function rulesReplay(options: RulesReplayOptions, terminal: Terminal): Promise<ExitCode> {
  return withState(options, terminal, async ({ config, say }) => {
    const span = parseSpan(options, systemClock.now());
    const rules = config.alerts.rules.filter(({ id }) => options.rule === undefined || id === options.rule);
    if (rules.length === 0) {
      throw new ConfigError(`No rule "${options.rule ?? ''}"; list rules with "healthd rules check"`);
    }
    const scan = await JournalScan.open(journalDirectory(config.agent.state_dir));
    const events: AlertEvent[] = [];
    const simulator = new Simulator({
      rules,
      settings: { flapping: config.alerts.flapping, startupGrace: config.alerts.startupGrace },
      onEvent: (event) => {
        events.push(event);
      },
    });
    let lines = 0;
    for await (const group of selectLines(scan.groups(), { span, filter: undefined })) {
      lines += group.size;
      for (const metric of parseLines(group.lines).metrics) simulator.observe(metric);
    }
    simulator.finish();
    print(terminal.stdout, eventLines(events).join('\n'));
    for (const text of skippedNotes(scan)) say(text);
    const fired = events.filter(({ kind }) => kind === 'fired').length;
    say(`${counted(fired, 'alert')} from ${counted(rules.length, 'rule')} over ${counted(lines, 'line')}`);
    return EXIT.ok;
  });
}

function eventLines(events: readonly AlertEvent[]): readonly string[] {
  if (events.length === 0) return ['No alert would have fired'];
  const rows = events.map(({ at, kind, alert, quiet }) => [
    new Date(at).toISOString(),
    kind.replace('_', ' '),
    alert.level,
    alert.rule,
    Object.entries(alert.tags)
      .map(([key, value]) => `${key}=${oneLine(value)}`)
      .join(' '),
    alert.value === undefined ? '' : formatValue(alert.value, alert.unit),
    quiet === 'notify_off' ? 'history only' : (quiet ?? ''),
  ]);
  const head = ['TIME', 'EVENT', 'LEVEL', 'RULE', 'TAGS', 'VALUE', 'SUPPRESSED BY'];
  return columns([head, ...rows], ['left', 'left', 'left', 'left', 'left', 'right', 'left']);
}
