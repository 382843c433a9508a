/** `healthd journal status`: size and age of the journal, and the lag of each output. */
import { journalDirectory } from '../../journal/part.ts';
import type { Config } from '../../config/config.ts';
import { systemClock } from '../../core/clock.ts';
import { HISTORY_CURSOR } from '../../history/feed.ts';
import { inspectJournal } from '../../journal/inspect.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';

import { withState } from '../state.ts';
import { noJournal, noJournalJson, statusJson, statusText, type StatusFacts } from './status-text.ts';
import { jsonText, print } from '../print.ts';

export interface StatusOptions extends ConfigOptions {
  readonly json?: boolean;
}

export function journalStatus(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  return withState(options, terminal, async ({ config }) => {
    const facts = factsOf(config);
    const view = await inspectJournal(facts.directory);
    const text =
      options.json === true
        ? jsonText(view === undefined ? noJournalJson(facts) : statusJson(facts, view))
        : view === undefined
          ? noJournal(facts)
          : statusText(facts, view);
    print(terminal.stdout, text);
    return EXIT.ok;
  });
}

function factsOf(config: Config): StatusFacts {
  return {
    directory: journalDirectory(config.agent.state_dir),
    maxBytes: config.journal.max_bytes,
    isInMemory: config.journal.buffer === 'memory',
    // The history reads like an output.
    outputs: [...config.outputs.map(({ alias }) => alias), ...(config.history === false ? [] : [HISTORY_CURSOR])],
    now: systemClock.now(),
  };
}
