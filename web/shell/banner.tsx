/** Says that the agent does not answer; what is on the page stays. */
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';

import { clockSeconds } from '../format/time.ts';
import { Icon } from '../parts/icon.tsx';
import { connection, host, retryStream } from '../store/live.ts';

import { useNow } from './live-mark.tsx';

/** A restart of the agent is shorter than that; it needs no banner. */
const PATIENCE_MS = 3000;

export function Banner(): JSX.Element | null {
  const isLate = useSignal(false);
  const since = useComputed(() => (connection.value.state === 'lost' ? connection.value.since : undefined));
  useEffect(() => {
    if (since.value === undefined) {
      isLate.value = false;
      return;
    }
    const timer = setTimeout(() => (isLate.value = true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [since.value]);
  return isLate.value && since.value !== undefined ? <Lost since={since.value} /> : null;
}

function Lost({ since }: { since: number }): JSX.Element {
  const now = useNow();
  const next = useComputed(() => {
    const { value } = connection;
    const seconds = value.state === 'lost' ? Math.round((value.nextTryAt - now.value) / 1000) : 0;
    return seconds > 0 ? `Next try in ${seconds} s.` : 'Trying now.';
  });
  return (
    <div class="banner" role="status">
      <Icon name="warn" tone="warn" />
      <p class="grow">
        <b>
          healthd on {host.value?.name ?? 'this host'} does not answer since {clockSeconds(since)}.
        </b>{' '}
        What you see is from then. <span aria-hidden="true">{next}</span>
      </p>
      <button type="button" class="btn q" onClick={retryStream}>
        Try now
      </button>
    </div>
  );
}
