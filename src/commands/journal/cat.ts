/** `healthd journal cat`: what the journal holds, as line protocol. */
import { once } from 'node:events';

import { journalDirectory } from '../../journal/part.ts';
import { systemClock } from '../../core/clock.ts';
import { JournalScan } from '../../journal/inspect.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';

import { counted } from '../columns.ts';
import { namesFilter, selectLines } from '../select.ts';
import { withState } from '../state.ts';
import { parseSpan, type SpanOptions } from '../time.ts';

export interface CatOptions extends ConfigOptions, SpanOptions {
  /** Globs of measurements. */
  readonly only?: string;
}

export function journalCat(options: CatOptions, terminal: Terminal): Promise<ExitCode> {
  return withState(options, terminal, async ({ config, say }) => {
    const selection = { span: parseSpan(options, systemClock.now()), filter: namesFilter(options.only) };
    const scan = await JournalScan.open(journalDirectory(config.agent.state_dir));
    await pour(selectLines(scan.groups(), selection), terminal.stdout);
    for (const text of leftOut(scan)) say(text);
    return EXIT.ok;
  });
}

/** What a reader of all lines should know of those that it has not got. */
export function leftOut({ missingLines, otherVersions }: JournalScan): readonly string[] {
  const are = missingLines === 1 ? 'is' : 'are';
  return [
    ...otherVersions.map((path) => `${path} was written by another version of healthd and is left out`),
    ...(missingLines === 0
      ? []
      : [`${counted(missingLines, 'line')} in between ${are} missing: damaged, or given up when there was no room`]),
  ];
}

/** Waits for a slow reader; ends early, without an error, when the reader has gone. */
async function pour(groups: AsyncIterable<{ readonly lines: Uint8Array }>, stream: NodeJS.WriteStream): Promise<void> {
  const gone = new AbortController();
  const onError = () => {
    gone.abort();
  };
  stream.on('error', onError);
  try {
    for await (const { lines } of groups) {
      if (gone.signal.aborted) return;
      if (!stream.write(lines)) await drained(stream, gone.signal);
    }
  } finally {
    stream.off('error', onError);
  }
}

async function drained(stream: NodeJS.WriteStream, gone: AbortSignal): Promise<void> {
  try {
    await once(stream, 'drain', { signal: gone });
  } catch {
    // The reader has gone; the next turn of the loop sees it.
  }
}
