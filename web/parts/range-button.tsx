/** The choice of a range on a phone: a sheet. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';

import { pausedAt } from '../store/live.ts';
import { liveSpan, showLast, SPANS } from '../url/range.ts';

import { Icon } from './icon.tsx';
import { Sheet } from './sheet.tsx';

const isOpen = signal(false);

export function RangeButton(): JSX.Element {
  return (
    <>
      <button
        type="button"
        class="btn"
        aria-haspopup="dialog"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        <Icon name="clock" />
        Range
      </button>
      {isOpen.value && (
        <Sheet title="Range" onClose={close}>
          <div class="menu">
            {SPANS.map((span) => (
              <button
                key={span}
                type="button"
                aria-pressed={span === liveSpan.value}
                onClick={() => {
                  pausedAt.value = undefined;
                  showLast(span);
                  close();
                }}
              >
                Last {span.replace(/(\d+)m/, '$1 min').replace(/(\d+)([hd])/, '$1 $2')}
              </button>
            ))}
          </div>
        </Sheet>
      )}
    </>
  );
}

function close(): void {
  isOpen.value = false;
}
