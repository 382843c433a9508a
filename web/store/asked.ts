/** An answer of the API that is kept while a part of the page shows it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ApiError, get, type Query } from '../api/client.ts';

import { reconnects, session } from './live.ts';

export interface Asked<Answer> {
  /** Undefined until there is one; stays when asking again fails. */
  readonly answer: Answer | undefined;
  readonly error: ApiError | undefined;
  readonly retry: () => void;
}

interface Held<Answer> {
  readonly key: string;
  readonly answer?: Answer;
  readonly error?: ApiError;
}

/**
 * @param path undefined: nothing is asked
 * @param everyMs asks again; without it once, and after a sign-in or a loss of the connection
 */
export function useAsked<Answer>(path: string | undefined, query: Query = {}, everyMs?: number): Asked<Answer> {
  const key = path === undefined ? '' : `${path} ${JSON.stringify(query)}`;
  const held = useSignal<Held<Answer>>({ key });
  const attempt = useSignal(0);
  useEffect(() => {
    if (path === undefined) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        held.value = { key, answer: await get<Answer>(path, query, stop.signal) };
      } catch (problem) {
        if (stop.signal.aborted) return;
        const error = problem instanceof ApiError ? problem : new ApiError(String(problem), 0);
        held.value = { ...(held.peek().key === key ? held.peek() : { key }), error };
      }
      if (everyMs !== undefined && !stop.signal.aborted) timer = setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key, everyMs, attempt.value, reconnects.value, session.value?.role]);
  const current: Held<Answer> = held.value.key === key ? held.value : { key };
  return {
    answer: current.answer,
    error: current.error,
    retry: () => {
      attempt.value += 1;
    },
  };
}

const NO_SESSION = new ApiError('Sign in', 401);

/** The same for a route that needs a session: without one it is not asked, since browsers report each refusal as an error. */
export function usePrivate<Answer>(path: string, query: Query = {}, everyMs?: number): Asked<Answer> {
  const isRefused = session.value?.role === null;
  const asked = useAsked<Answer>(isRefused ? undefined : path, query, everyMs);
  return isRefused ? { ...asked, error: NO_SESSION } : asked;
}
