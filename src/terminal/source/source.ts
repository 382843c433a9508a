/** Where the data of `healthd top` and `healthd watch` come from. */
import type { ProcessFrame } from '../../host/processes/frame.ts';

import type { Sample } from './point.ts';
import type { Problem, Problems } from './problem.ts';

export interface SourceListener {
  /** Oldest first. More than one at the start, if the source knows the past. */
  readonly onSamples: (samples: readonly Sample[]) => void;
  readonly onProcesses: (frame: ProcessFrame) => void;
  readonly onProblems: (problems: Problems) => void;
  /** What came before belongs to another moment. */
  readonly onJump: () => void;
  /** What the source cannot do at the moment, in a sentence; empty when it can again. */
  readonly onTrouble: (text: string) => void;
}

export interface TopSource {
  /** Where the data come from, in a few words: `pid 812`, `no agent`. */
  readonly origin: string;
  /** Whether time stands still until `step`. */
  readonly isPast: boolean;
  /** Whether it tells problems; otherwise the values of the moment are judged. */
  readonly hasFindings: boolean;
  /** Resolves when the signal aborts. @throws if the source cannot be used at all */
  run(listener: SourceListener, signal: AbortSignal): Promise<void>;
  /** Of the past: moves by some ms. */
  readonly step?: (ms: number) => void;
  /** Only with an agent. */
  readonly acts?: Acts;
}

/** Each resolves with a sentence about what was done. @throws ControlError if the agent refuses */
export interface Acts {
  acknowledge(problem: Problem): Promise<string>;
  silence(problem: Problem, ms: number): Promise<string>;
}
