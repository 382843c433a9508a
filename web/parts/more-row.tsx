/** The end of a list of problems that shows its first rows only. */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';

export function MoreRow({ count, isAll }: { count: number; isAll: Signal<boolean> }): JSX.Element | false {
  return (
    count > 0 && (
      <li class="prob more">
        <span />
        <button
          type="button"
          class="acc"
          onClick={() => {
            isAll.value = true;
          }}
        >
          {count} more
        </button>
      </li>
    )
  );
}
