/** Whether what is shown is of now. */
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';

import { Icon } from '../parts/icon.tsx';
import { isPhone } from '../parts/media.ts';
import { connection, pausedAt } from '../store/live.ts';

export function LiveMark(): JSX.Element {
  const { state } = connection.value;
  if (pausedAt.value !== undefined) return <span class="live two">Paused</span>;
  if (state === 'lost') return <Lost />;
  if (state === 'connecting') return <span class="live mut">Connecting</span>;
  return (
    <span class="live">
      <i />
      {isPhone.value ? 'Live' : 'Live, each second'}
    </span>
  );
}

function Lost(): JSX.Element {
  const now = useNow();
  const text = useComputed(() => {
    const { value } = connection;
    return value.state === 'lost' ? `Disconnected, ${Math.round((now.value - value.since) / 1000)} s old` : '';
  });
  return (
    <span class="live mut">
      <Icon name="unk" />
      <span>{text}</span>
    </span>
  );
}

/** The reader's clock, each second; for texts that count. */
export function useNow(): { readonly value: number } {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}
