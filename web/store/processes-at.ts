/** The processes of a moment, from frames that were asked for before when there is one. */
import { computed, signal } from '@preact/signals';

import { shownMoment } from '../chart/cursor.ts';
import type { ProcessesAnswer } from '../api/answers.ts';
import { get } from '../api/client.ts';

import { processes } from './live.ts';

/** Between frames of the history. */
const FRAME_MS = 10_000;
const MOST_FRAMES = 300;
/** The pointer must rest so long before the agent is asked. */
const REST_MS = 40;

export interface ShownProcesses {
  /** The moment asked for; undefined for now. */
  readonly moment: number | undefined;
  readonly answer: ProcessesAnswer | undefined;
  /** Whether the answer is still that of another moment. */
  readonly isOld: boolean;
}

const frames = new Map<number, ProcessesAnswer>();
const arrived = signal(0);
let shownBefore: ProcessesAnswer | undefined;

export const shownProcesses = computed<ShownProcesses>(() => {
  const moment = shownMoment.value;
  if (moment === undefined) {
    shownBefore = processes.value;
    return { moment, answer: processes.value, isOld: false };
  }
  const known = arrived.value >= 0 ? frames.get(keyOf(moment)) : undefined;
  if (known !== undefined) shownBefore = known;
  else ask(moment);
  return { moment, answer: known ?? shownBefore, isOld: known === undefined };
});

function keyOf(moment: number): number {
  return Math.floor(moment / FRAME_MS);
}

let timer: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | undefined;

function ask(moment: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void load(moment), REST_MS);
}

async function load(moment: number): Promise<void> {
  running?.abort();
  running = new AbortController();
  const key = keyOf(moment);
  try {
    // The end of the key's span, so that its own frame is the one at or before.
    const at = Math.min(moment + FRAME_MS / 2, (key + 1) * FRAME_MS - 1);
    frames.set(key, await get<ProcessesAnswer>('processes', { at: Math.round(at) }, running.signal));
    const oldest = frames.keys().next().value;
    if (frames.size > MOST_FRAMES && oldest !== undefined) frames.delete(oldest);
    arrived.value += 1;
  } catch {
    // The table stays as it was, faded; the next move asks again.
  }
}
