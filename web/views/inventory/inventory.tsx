/** What the host is made of; on a hub, what its hosts run, and which of them differ. */
import type { JSX } from 'preact';

import type { InventoryAnswer } from '../../api/answers.ts';
import { moment } from '../../format/time.ts';
import { Filter, filterWords } from '../../parts/filter.tsx';
import { Link } from '../../parts/link.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';
import { isHub } from '../../store/live.ts';
import { address } from '../../url/location.ts';

import { FleetInventory } from './fleet-inventory.tsx';
import { narrowed, Sections } from './sections.tsx';

export function Inventory(): JSX.Element {
  const isOwn = !isHub.value || address.value.search.get('own') === '1';
  return isOwn ? <OwnInventory /> : <FleetInventory />;
}

function OwnInventory(): JSX.Element {
  const asked = useAsked<InventoryAnswer>('inventory');
  const { answer } = asked;
  const words = filterWords();
  const sections = narrowed(answer?.sections ?? [], words);
  return (
    <main class="vw" id="main">
      <div class="vh">
        <div class="grow">
          <h1>Inventory</h1>
          <p class="mut">{answer === undefined ? '\u00a0' : `As read at ${moment(answer.at, agentTime())}`}</p>
        </div>
        {isHub.value && (
          <Link class="btn" keys={{ own: undefined }}>
            All hosts
          </Link>
        )}
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
      <Sections of={sections} />
    </main>
  );
}
