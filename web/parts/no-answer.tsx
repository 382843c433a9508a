/** Instead of an answer: why there is none, and what helps. */
import type { JSX } from 'preact';

import type { Asked } from '../store/asked.ts';

import { Icon } from './icon.tsx';
import { NeedsSession } from './needs-session.tsx';

export interface NoAnswerProps {
  readonly of: Pick<Asked<unknown>, 'error' | 'retry'>;
  /** What is not shown, such as `The log`. */
  readonly what: string;
}

/** Empty while the first answer is on its way. */
export function NoAnswer({ of: { error, retry }, what }: NoAnswerProps): JSX.Element {
  if (error === undefined) return <div class="empty" aria-busy="true" />;
  if (error.status === 401 || error.status === 403) return <NeedsSession what={what} />;
  return (
    <div class="empty">
      <p class="row center">
        <Icon name="warn" tone="warn" />
        {error.message}
      </p>
      <p>
        <button type="button" class="btn q" onClick={retry}>
          Try again
        </button>
      </p>
    </div>
  );
}
