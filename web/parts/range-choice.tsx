/** The choice of a range that ends now: buttons on a desk, a sheet on a phone. */
import type { JSX } from 'preact';

import { liveSpan, showLast, SPANS } from '../url/range.ts';

import { isPhone } from './media.ts';
import { RangeButton } from './range-button.tsx';
import { Segments } from './segments.tsx';

const ITEMS = SPANS.map((value) => ({ value, text: value.replace(/m$/, ' min').replace(/([hd])$/, ' $1') }));

export function RangeChoice(): JSX.Element {
  if (isPhone.value) return <RangeButton />;
  return <Segments label="Range" items={ITEMS} chosen={liveSpan.value} onChoose={showLast} />;
}
