/** What the range is called. */
import { computed } from '@preact/signals';

import { rangeText } from '../format/time.ts';
import { duration } from '../format/value.ts';

import { liveSpan, range, rangeLength } from './range.ts';

/** `Last 15 min`, or `Sun 29 Nov, 02:24 – 03:24`. */
export const rangeTitle = computed(() =>
  liveSpan.value === undefined ? rangeText(range.value.from, range.value.to) : `Last ${duration(rangeLength.value)}`,
);
