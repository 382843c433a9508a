/** Who is notified, and whether that works. */
import type { JSX } from 'preact';

import type { AgentAnswer } from '../../api/answers.ts';
import { Icon } from '../../parts/icon.tsx';

type Receiver = AgentAnswer['receivers'][number];

export function Receivers({ all }: { all: readonly Receiver[] }): JSX.Element {
  return (
    <section class="card">
      <div class="ch">
        <h2>Receivers</h2>
      </div>
      {all.length === 0 ? (
        <div class="empty">
          <p>Nobody is notified.</p>
          <p class="mut">
            Alerts are shown on this page only. Add <code>notifiers</code> to the configuration.
          </p>
        </div>
      ) : (
        <ul class="lines">
          {all.map((receiver) => (
            <Line key={receiver.name} receiver={receiver} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ receiver: { name, waiting, sent, failed, trouble } }: { receiver: Receiver }): JSX.Element {
  const isFine = trouble === undefined;
  return (
    <li>
      <Icon name={isFine ? 'ok' : 'warn'} tone={isFine ? 'ok' : 'warn'} label={isFine ? 'Fine' : 'In trouble'} />
      <div class="grow">
        <div class="row">
          <span class="cut grow">{name}</span>
          <span class="two nowrap">
            {[`${sent} sent`, waiting > 0 ? `${waiting} wait` : '', failed > 0 ? `${failed} failed` : '']
              .filter((part) => part !== '')
              .join(', ')}
          </span>
        </div>
        {trouble !== undefined && <div class="ev wrap">{trouble}</div>}
      </div>
    </li>
  );
}
