/** What a machine is made of, as cards of label and value. */
import type { JSX } from 'preact';

import type { InventoryAnswer } from '../../api/answers.ts';
import { hasWords } from '../../parts/filter.tsx';

type Section = InventoryAnswer['sections'][number];

/** @param words all must be in a row */
export function narrowed(sections: readonly Section[], words: readonly string[]): readonly Section[] {
  return sections
    .map(({ title, rows }) => ({ title, rows: rows.filter((row) => hasWords(`${title} ${row.join(' ')}`, words)) }))
    .filter(({ rows }) => rows.length > 0);
}

export function Sections({ of }: { of: readonly Section[] }): JSX.Element {
  return (
    <div class="columns">
      {of.map(({ title, rows }) => (
        <section key={title} class="card inv">
          <div class="ch">
            <h2>{title}</h2>
          </div>
          <Rows of={rows} />
        </section>
      ))}
    </div>
  );
}

export function Rows({ of }: { of: Section['rows'] }): JSX.Element {
  return (
    <dl class="facts">
      {of.map(([label, value], index) => (
        <div key={`${label} ${index}`}>
          <dt class="two">{label}</dt>
          <dd class="wrap">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
