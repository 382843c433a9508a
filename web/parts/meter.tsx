/** A share of 100 % with its number. Amber or red only where a shape in the same row says the same. */
import type { JSX } from 'preact';

export interface MeterProps {
  readonly percent: number;
  readonly level?: 'critical' | 'warning' | 'unknown' | 'note' | undefined;
}

export function Meter({ percent, level }: MeterProps): JSX.Element {
  const tone = level === 'critical' ? 'cc' : level === 'warning' ? 'w' : '';
  const isKnown = Number.isFinite(percent);
  return (
    <div class="row">
      <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="6" />
        <rect class={`level ${tone}`} width={isKnown ? Math.max(0, Math.min(100, percent)) : 0} height="6" />
      </svg>
      <span class="n meter-n">{isKnown ? Math.round(percent) : '—'}</span>
    </div>
  );
}
