/** Widths at which the page changes its shape. */
import { signal, type ReadonlySignal } from '@preact/signals';

function matches(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const result = signal(list.matches);
  list.addEventListener('change', () => {
    result.value = list.matches;
  });
  return result;
}

/** One column, tabs below. */
export const isPhone = matches('(max-width: 719px)');
