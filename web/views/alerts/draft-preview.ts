/** Tries a threshold while it is typed: what is wrong with it, and when it would have fired. */
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import type { RuleDraft, RulePreviewAnswer } from '../../api/answers.ts';
import { ApiError, post } from '../../api/client.ts';

/** Nobody types for so long, ms. */
const QUIET_MS = 500;
/** Another reader tries one: the agent does so one at a time, ms. */
const AGAIN_MS = 1500;

export interface DraftPreview {
  /** Of the draft before, until there is one of this. */
  readonly answer: RulePreviewAnswer | undefined;
  /** Whether the answer is of this draft. */
  readonly isCurrent: boolean;
  readonly error: string | undefined;
}

const NOTHING: DraftPreview = { answer: undefined, isCurrent: true, error: undefined };

/** @param draft undefined: there is nothing to try yet */
export function useDraftPreview(draft: RuleDraft | undefined): ReadonlySignal<DraftPreview> {
  const held = useSignal(NOTHING);
  const key = draft === undefined ? '' : JSON.stringify(draft);
  useEffect(() => {
    if (draft === undefined) {
      held.value = NOTHING;
      return;
    }
    held.value = { ...held.peek(), isCurrent: false };
    const stop = new AbortController();
    let timer = setTimeout(() => void ask(), QUIET_MS);
    const ask = async () => {
      try {
        const answer = await post<RulePreviewAnswer>('rules/preview', draft, stop.signal);
        held.value = { answer, isCurrent: true, error: undefined };
      } catch (problem) {
        if (stop.signal.aborted) return;
        if (problem instanceof ApiError && problem.status === 503) timer = setTimeout(() => void ask(), AGAIN_MS);
        else held.value = { answer: undefined, isCurrent: true, error: (problem as Error).message };
      }
    };
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key]);
  return held;
}
