/** `healthd dead-letter replay`: sends refused lines again, after the cause is fixed. */
import { linesIn, type LetterGroup } from '../../deliver/letters.ts';
import type { OutputEntry } from '../../deliver/entry.ts';
import { systemClock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Signals, type Terminal } from '../command.ts';

import { counted } from '../columns.ts';
import { Senders } from '../journal/sender.ts';
import { listed, outputNamed, withState, type State } from '../state.ts';
import { hasLetters, TakenLetters } from './files.ts';
import { resend, type Destination } from './resend.ts';

export interface ReplayOptions extends ConfigOptions {
  /** Only lines of this output. */
  readonly output?: string;
  /** The output that gets them. Default: the one that sent them. */
  readonly toOutput?: string;
}

export function deadLetterReplay(options: ReplayOptions, terminal: Terminal, signals: Signals): Promise<ExitCode> {
  const stop = signals.stop();
  return withState(options, terminal, async (state) => {
    const { config, say } = state;
    const target = options.toOutput ?? options.output;
    if (target !== undefined) outputNamed(config, target);
    const directory = config.agent.state_dir;
    if (!(await hasLetters(directory))) {
      say('No dead letters');
      return EXIT.ok;
    }
    const senders = new Senders(config, terminal, stop);
    try {
      const taken = await TakenLetters.take(directory, systemClock);
      try {
        const replay = new Replay(state, options, senders, stop);
        for (const [output, groups] of byOutput(taken.groups)) await replay.run(output, groups);
        await taken.finish(replay.left);
        if (taken.unfinished > 0)
          say(`Skipped ${counted(taken.unfinished, 'truncated line')}; kept in dead-letter.replay`);
        return replay.report();
      } finally {
        await taken.release();
      }
    } finally {
      await senders.close();
    }
  });
}

function byOutput(groups: readonly LetterGroup[]): ReadonlyMap<string, readonly LetterGroup[]> {
  const found = new Map<string, LetterGroup[]>();
  for (const group of groups) {
    const known = found.get(group.output);
    if (known === undefined) found.set(group.output, [group]);
    else known.push(group);
  }
  return found;
}

/** One pass over all groups. */
class Replay {
  readonly #state: State;
  readonly #options: ReplayOptions;
  readonly #senders: Senders;
  readonly #stop: AbortSignal;
  readonly #left: LetterGroup[] = [];
  /** Outputs that failed; skipped from then on. */
  readonly #failed = new Set<string>();
  /** Outputs that are not configured → their lines. */
  readonly #unknown = new Map<string, number>();
  #accepted = 0;
  #refused = 0;
  #unsent = 0;

  constructor(state: State, options: ReplayOptions, senders: Senders, stop: AbortSignal) {
    this.#state = state;
    this.#options = options;
    this.#senders = senders;
    this.#stop = stop;
  }

  /** The remaining dead letters. */
  get left(): readonly LetterGroup[] {
    return this.#left;
  }

  /** Replays the groups of one output. */
  async run(output: string, groups: readonly LetterGroup[]): Promise<void> {
    const { output: wanted = output, toOutput = output } = this.#options;
    const entry = this.#state.config.outputs.find(({ alias }) => alias === toOutput);
    if (wanted === output && entry !== undefined && !this.#stop.aborted && !this.#failed.has(toOutput)) {
      await this.#send(groups, entry);
      return;
    }
    for (const group of groups) this.#left.push(group);
    if (wanted !== output) return;
    if (entry === undefined) this.#unknown.set(output, linesIn(groups));
    else this.#unsent += linesIn(groups);
  }

  report(): ExitCode {
    const { say, config } = this.#state;
    for (const [output, lines] of this.#unknown) {
      const outputs = listed(config.outputs.map(({ alias }) => alias));
      say(
        `${counted(lines, 'line')} kept: output "${output}" is not configured; choose another with --to-output: ${outputs}`,
      );
    }
    if (this.#stop.aborted) say('Interrupted');
    const parts = [
      `${counted(this.#accepted, 'line')} accepted`,
      `${counted(this.#refused, 'line')} refused again`,
      ...(this.#unsent > 0 ? [`${counted(this.#unsent, 'line')} not sent`] : []),
    ];
    const kept = linesIn(this.#left);
    say(`${parts.join(', ')}; ${kept === 0 ? 'no dead letters left' : `${counted(kept, 'line')} kept`}`);
    return this.#refused + this.#unsent + this.#unknown.size > 0 ? EXIT.failed : EXIT.ok;
  }

  async #send(groups: readonly LetterGroup[], entry: OutputEntry): Promise<void> {
    const { accepted, refused, left, failure } = await resend(groups, this.#destination(entry), systemClock);
    for (const group of left) this.#left.push(group);
    this.#accepted += accepted;
    this.#refused += refused;
    this.#unsent += linesIn(groups) - accepted - refused;
    if (failure === undefined || this.#stop.aborted) return;
    this.#failed.add(entry.alias);
    this.#state.say(describeError(failure));
  }

  #destination(entry: OutputEntry): Destination {
    return {
      limits: { lines: entry.batch_lines, bytes: entry.batch_bytes },
      send: async (batch) => (await this.#senders.for(entry)).send(batch),
    };
  }
}
