/** `healthd journal cat`: prints the lines in the journal as line protocol. */
import { journalDirectory } from '../../journal/part.ts';
import { systemClock } from '../../core/clock.ts';
import { JournalScan, type LineGroup } from '../../journal/inspect.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';

import { counted } from '../columns.ts';
import { namesFilter, selectLines } from '../select.ts';
import { withState } from '../state.ts';
import { parseSpan, type SpanOptions } from '../time.ts';
import { pipeData } from '../pipe.ts';

export interface CatOptions extends ConfigOptions, SpanOptions {
  /** Globs of measurements. */
  readonly only?: string;
}

export function journalCat(options: CatOptions, terminal: Terminal): Promise<ExitCode> {
  return withState(options, terminal, async ({ config, say }) => {
    const selection = { span: parseSpan(options, systemClock.now()), filter: namesFilter(options.only) };
    const scan = await JournalScan.open(journalDirectory(config.agent.state_dir));
    await pipeData(linesIn(selectLines(scan.groups(), selection)), terminal.stdout);
    for (const text of skippedNotes(scan)) say(text);
    return EXIT.ok;
  });
}

/** Notes on lines that a full scan did not return. */
export function skippedNotes({ missingLines, otherVersions }: JournalScan): readonly string[] {
  const are = missingLines === 1 ? 'is' : 'are';
  return [
    ...otherVersions.map((path) => `${path} was written by another version of healthd; skipped`),
    ...(missingLines === 0
      ? []
      : [`${counted(missingLines, 'line')} ${are} missing: damaged, or dropped for lack of space`]),
  ];
}

async function* linesIn(groups: AsyncIterable<LineGroup>): AsyncGenerator<Uint8Array> {
  for await (const { lines } of groups) yield lines;
}
