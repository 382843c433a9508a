/** The same moment in all charts. */
import { computed, signal } from '@preact/signals';

import { pinned } from '../url/range.ts';
import type { Span } from '../url/time.ts';

/** Under the pointer, or moved by keys; ms since the Unix epoch. */
export const hoverAt = signal<number | undefined>(undefined);

/** Whether keys moved it, so that it is announced. */
export const isByKeys = signal(false);

/** While the pointer drags; a finished selection is in the address. */
export const dragging = signal<Span | undefined>(undefined);

/** What all views show: the pinned moment, or the one under the pointer; undefined for now. */
export const shownMoment = computed(() => pinned.value ?? hoverAt.value);
