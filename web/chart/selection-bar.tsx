/** What can be done with a selection. */
import type { JSX } from 'preact';

import { clock, clockSeconds } from '../format/time.ts';
import { duration } from '../format/value.ts';
import { Icon } from '../parts/icon.tsx';
import { say } from '../parts/say.ts';
import { pathOf } from '../url/route.ts';
import { goTo, hrefWith } from '../url/location.ts';
import { rangeKeys, range, selection } from '../url/range.ts';

import { zoomOut, zoomTo } from './zoom.ts';

const SECONDS_BELOW_MS = 600_000;

export function SelectionBar(): JSX.Element | null {
  const span = selection.value;
  if (span === undefined) return null;
  const text = span.to - span.from < SECONDS_BELOW_MS ? clockSeconds : clock;
  return (
    <div class="sel-bar" role="toolbar" aria-label="Selection">
      <span>
        <b>
          {text(span.from)} – {text(span.to)}
        </b>{' '}
        <span class="mut">{duration(span.to - span.from)}</span>
      </span>
      <button
        type="button"
        class="btn q p"
        onClick={() => {
          zoomTo(span);
        }}
      >
        Zoom
      </button>
      <button type="button" class="btn q" onClick={whatChanged}>
        What changed?
      </button>
      <button type="button" class="btn q" onClick={() => void copyLink()}>
        <Icon name="link" />
        Copy link
      </button>
      <button type="button" class="ib" aria-label="Remove the selection" onClick={zoomOut}>
        <Icon name="x" />
      </button>
    </div>
  );
}

export function whatChanged(): void {
  if (selection.value === undefined) return;
  goTo({ ...rangeKeys(range.peek()), changed: 'before' }, pathOf({ isOfHost: true, path: 'time' }));
}

/** With a fixed range: who opens the link sees what the reader saw. */
export async function copyLink(): Promise<void> {
  const link = new URL(hrefWith(rangeKeys(range.peek())), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    say('The link is copied.');
  } catch {
    // Browsers allow it on https and loopback only.
    prompt('Copy this link:', link);
  }
}
