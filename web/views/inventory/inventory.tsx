/** What the host is made of. */
import type { JSX } from 'preact';

import type { InventoryAnswer } from '../../api/answers.ts';
import { moment } from '../../format/time.ts';
import { Filter, filterWords, hasWords } from '../../parts/filter.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';

type Section = InventoryAnswer['sections'][number];

export function Inventory(): JSX.Element {
  const asked = useAsked<InventoryAnswer>('inventory');
  const { answer } = asked;
  const words = filterWords();
  const sections = (answer?.sections ?? []).map((section) => narrowed(section, words)).filter(hasRows);
  return (
    <main class="vw" id="main">
      <div class="vh">
        <div class="grow">
          <h1>Inventory</h1>
          <p class="mut">{answer === undefined ? ' ' : `As read at ${moment(answer.at, agentTime())}`}</p>
        </div>
        {answer !== undefined && <Filter label="Label or value" />}
      </div>
      {answer === undefined && (
        <section class="card">
          <NoAnswer of={asked} what="The inventory" />
        </section>
      )}
      {answer !== undefined && sections.length === 0 && (
        <p class="card empty">
          {words.length === 0 ? 'Nothing is known of this machine.' : `Nothing has “${words.join(' ')}”.`}
        </p>
      )}
      <div class="columns">
        {sections.map((section) => (
          <section key={section.title} class="card inv">
            <div class="ch">
              <h2>{section.title}</h2>
            </div>
            <dl class="facts">
              {section.rows.map(([label, value], index) => (
                <div key={`${label} ${index}`}>
                  <dt class="two">{label}</dt>
                  <dd class="wrap">{value}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </main>
  );
}

function narrowed(section: Section, words: readonly string[]): Section {
  return { ...section, rows: section.rows.filter((row) => hasWords(`${section.title} ${row.join(' ')}`, words)) };
}

function hasRows({ rows }: Section): boolean {
  return rows.length > 0;
}
