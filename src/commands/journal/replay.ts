/** `healthd journal replay`: sends the lines of a time span to an output again. */
import { journalDirectory } from '../../journal/part.ts';
import type { LineBatch } from '../../metric/batch.ts';
import { systemClock } from '../../core/clock.ts';
import { formatDuration } from '../../core/duration.ts';
import { describeError } from '../../core/errors.ts';
import { compileFilter } from '../../metric/filter.ts';
import { JournalScan } from '../../journal/inspect.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Signals, type Terminal } from '../command.ts';

import { inBatches } from './batches.ts';
import { skippedNotes } from './cat.ts';
import { counted } from '../columns.ts';
import { selectLines } from '../select.ts';
import { Senders, type Sender } from './sender.ts';
import { outputNamed, withState, type State } from '../state.ts';
import { Tally } from './tally.ts';
import { parseSpan, type SpanOptions } from '../time.ts';

export interface ReplayOptions extends ConfigOptions, SpanOptions {
  readonly from: string;
  readonly output: string;
}

export function journalReplay(options: ReplayOptions, terminal: Terminal, signals: Signals): Promise<ExitCode> {
  const stop = signals.stop();
  return withState(options, terminal, async (state) => {
    const span = parseSpan(options, systemClock.now());
    const entry = outputNamed(state.config, options.output);
    const directory = journalDirectory(state.config.agent.state_dir);
    const scan = await JournalScan.open(directory);
    if (scan.isEmpty) {
      state.say(`The journal at ${directory} is empty${retentionNote(state.config)}`);
      return EXIT.failed;
    }
    const groups = selectLines(until(stop, scan.groups()), { span, filter: compileFilter(entry.filter) });
    const batches = inBatches(groups, { lines: entry.batch_lines, bytes: entry.batch_bytes });
    const senders = new Senders(state.config, terminal, stop);
    try {
      const tally = new Tally();
      const failure = await sendAll(batches, await senders.for(entry), tally);
      for (const text of skippedNotes(scan)) state.say(text);
      if (failure !== undefined) state.say(stop.aborted ? 'Interrupted' : describeError(failure));
      report(entry.alias, tally, state, failure === undefined);
      return failure === undefined && tally.refused === 0 ? EXIT.ok : EXIT.failed;
    } finally {
      await senders.close();
    }
  });
}

async function* until<Item>(stop: AbortSignal, items: AsyncIterable<Item>): AsyncGenerator<Item> {
  for await (const item of items) {
    stop.throwIfAborted();
    yield item;
  }
}

/** @returns the error that ended it early, or undefined */
async function sendAll(batches: AsyncIterable<LineBatch>, sender: Sender, tally: Tally): Promise<unknown> {
  try {
    for await (const batch of batches) tally.count(batch, await sender.send(batch));
    return undefined;
  } catch (error) {
    return error;
  }
}

function report(alias: string, tally: Tally, { config, say }: State, isComplete: boolean): void {
  for (const [reason, lines] of tally.reasons) say(`${alias} refused ${counted(lines, 'line')}: ${reason}`);
  if (isComplete && tally.batches === 0)
    say(`The journal has no lines for ${alias} in this span${retentionNote(config)}`);
  const upTo = isComplete || tally.reached === undefined ? '' : `, up to ${tally.reached}`;
  const batches = counted(tally.batches, 'batch', 'batches');
  say(`Sent ${counted(tally.lines, 'line')} in ${batches} to ${alias}${upTo}; ${refusedText(tally.refused)}`);
}

function refusedText(lines: number): string {
  return lines === 0 ? 'none refused' : `${counted(lines, 'line')} refused`;
}

function retentionNote({ journal }: State['config']): string {
  if (journal.buffer === 'memory') return ': journal.buffer is memory';
  return `; lines that every output has sent are kept for ${formatDuration(journal.keep)} (journal.keep)`;
}
