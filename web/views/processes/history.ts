/** What a process used over a range: from frames spread over it. The agent keeps the busiest processes of each frame. */
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import type { ProcessesAnswer, ProcessInfo } from '../../api/answers.ts';
import { get } from '../../api/client.ts';
import { agentTime } from '../../store/clock.ts';
import { range } from '../../url/range.ts';
import type { Span } from '../../url/time.ts';

export interface ProcessHistory {
  readonly span: Span;
  /** Evenly spread; undefined: not asked yet; null: the process was not among the busiest then. */
  readonly frames: readonly (ProcessInfo | null | undefined)[];
  readonly error?: string;
}

/** Each costs a request; they are asked one after the other, the newest first. */
const FRAMES = 30;

export function useProcessHistory(pid: number): ReadonlySignal<ProcessHistory | undefined> {
  const history = useSignal<ProcessHistory | undefined>(undefined);
  useEffect(() => {
    const stop = new AbortController();
    const { from, to } = range.peek();
    void load(pid, { from, to: Math.min(to, agentTime()) }, stop.signal, (next) => {
      history.value = next;
    });
    return () => {
      stop.abort();
    };
  }, [pid]);
  return history;
}

async function load(
  pid: number,
  span: Span,
  signal: AbortSignal,
  onNext: (history: ProcessHistory) => void,
): Promise<void> {
  const frames: (ProcessInfo | null | undefined)[] = Array.from({ length: FRAMES });
  onNext({ span, frames: [...frames] });
  try {
    for (let index = FRAMES - 1; index >= 0; index -= 1) {
      const at = Math.round(span.from + ((index + 1) * (span.to - span.from)) / FRAMES);
      const answer = await get<ProcessesAnswer>('processes', { at }, signal);
      frames[index] = answer.processes.find((process) => process.pid === pid) ?? null;
      onNext({ span, frames: [...frames] });
    }
  } catch (error) {
    if (!signal.aborted) onNext({ span, frames, error: error instanceof Error ? error.message : String(error) });
  }
}
