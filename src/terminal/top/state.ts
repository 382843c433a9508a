/** What `healthd top` shows, and how keys and data change it. */
import type { ProcessFrame, ProcessUse } from '../../host/processes/frame.ts';
import type { Sample } from '../source/point.ts';
import { problemsOf } from '../source/judge.ts';
import type { Problem, Problems } from '../source/problem.ts';
import { Rates } from '../source/rates.ts';
import { viewOf } from '../source/view-of.ts';
import type { TopSource } from '../source/source.ts';
import type { HostView } from '../source/view.ts';

/** Views that graphs look back on. */
const TRAIL = 600;

export const SORTS = ['cpu', 'memory', 'read', 'written'] as const;
export type Sort = (typeof SORTS)[number];

/** A row of the problems or of the processes. */
export interface Cursor {
  readonly list: 'problems' | 'processes';
  readonly index: number;
}

/** A line of input in the place of the key hints. */
export interface Prompt {
  readonly kind: 'filter' | 'silence';
  readonly text: string;
}

export interface Facts {
  readonly hostname: string;
  readonly intervalMs: number;
  /** Whether keys are read. */
  readonly isInteractive: boolean;
}

export class TopState {
  readonly facts: Facts;
  readonly source: Pick<TopSource, 'origin' | 'isPast' | 'hasFindings' | 'acts'>;
  view: HostView | undefined;
  trail: HostView[] = [];
  frame: ProcessFrame | undefined;
  #problems: Problems = { list: [], fine: undefined };
  trouble = '';
  sort: Sort = 'cpu';
  filter = '';
  prompt: Prompt | undefined;
  isPaused = false;
  showsHelp = false;
  /** Digits of the boxes that are hidden. */
  readonly hidden = new Set<string>();
  cursor: Cursor | undefined;
  /** The first process shown. */
  scroll = 0;
  /** What was just done, until the next key. */
  message = '';
  #rates = new Rates();

  constructor(facts: Facts, source: TopState['source']) {
    this.facts = facts;
    this.source = source;
  }

  addSamples(samples: readonly Sample[]): void {
    for (const sample of samples) {
      const view = viewOf(sample, this.#rates);
      this.trail.push(view);
      this.view = view;
    }
    if (this.trail.length > TRAIL) this.trail.splice(0, this.trail.length - TRAIL);
    if (!this.source.hasFindings && this.view !== undefined) this.#problems = problemsOf(this.view);
  }

  setProblems(problems: Problems): void {
    this.#problems = problems;
  }

  /** What is wrong with the host, then what the source cannot do. */
  get problems(): Problems {
    if (this.trouble === '') return this.#problems;
    const trouble = { id: 'source', level: 'unknown', text: this.trouble, evidence: '', since: undefined } as const;
    return { ...this.#problems, list: [...this.#problems.list, trouble] };
  }

  jump(): void {
    this.trail = [];
    this.view = undefined;
    this.frame = undefined;
    this.#rates = new Rates();
  }

  /** In the chosen order, without those that the filter leaves out. */
  processes(): readonly ProcessUse[] {
    const wanted = this.filter.toLowerCase();
    const matches = ({ pid, name, user, unit }: ProcessUse) =>
      wanted === '' || `${pid} ${name} ${user} ${unit}`.toLowerCase().includes(wanted);
    const value = (process: ProcessUse) => process[this.sort] ?? -1;
    return (this.frame?.processes ?? [])
      .filter(matches)
      .toSorted((a, b) => value(b) - value(a) || b.cpu - a.cpu || b.memory - a.memory || a.pid - b.pid);
  }

  selectedProblem(): Problem | undefined {
    return this.cursor?.list === 'problems' ? this.problems.list[this.cursor.index] : undefined;
  }

  /** One list: the problems, then the processes. */
  moveCursor(by: number): void {
    const [problems, processes] = [this.problems.list.length, this.processes().length];
    if (problems + processes === 0) return;
    const { list, index } = this.cursor ?? { list: problems > 0 ? 'problems' : 'processes', index: by > 0 ? -by : 0 };
    const position = (list === 'problems' ? index : problems + index) + by;
    const bounded = Math.max(0, Math.min(problems + processes - 1, position));
    this.cursor =
      bounded < problems ? { list: 'problems', index: bounded } : { list: 'processes', index: bounded - problems };
  }

  /** Keeps the selected process among the rows that are shown. */
  scrollTo(rows: number): void {
    const last = Math.max(0, this.processes().length - rows);
    const index = this.cursor?.list === 'processes' ? this.cursor.index : undefined;
    if (index !== undefined && index < this.scroll) this.scroll = index;
    if (index !== undefined && index >= this.scroll + rows) this.scroll = index - rows + 1;
    this.scroll = Math.max(0, Math.min(last, this.scroll));
  }
}
