/** Labels and values in a card. */
import type { JSX } from 'preact';

import { Icon } from '../../parts/icon.tsx';

export type FactRow = readonly [label: string, value: string, level?: 'warn'];

export interface FactsProps {
  readonly title: string;
  readonly note?: string;
  readonly rows: readonly FactRow[];
}

export function Facts({ title, note, rows }: FactsProps): JSX.Element {
  return (
    <section class="card">
      <div class="ch">
        <h2>{title}</h2>
      </div>
      {note !== undefined && <p class="mut s noted">{note}</p>}
      <dl class="facts">
        {rows.map(([label, value, level]) => (
          <div key={`${label} ${value}`}>
            <dt class="two">{label}</dt>
            <dd class={level === 'warn' ? 'wrap warn' : 'wrap'}>
              {level === 'warn' && <Icon name="warn" tone="warn" label="Warning" />}
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
