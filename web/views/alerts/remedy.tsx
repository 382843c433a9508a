/** What the rule says can be done. */
import type { JSX } from 'preact';

import { Icon } from '../../parts/icon.tsx';

import type { ShownAlert } from './shown.ts';

export function Remedy({ shown: { listed } }: { shown: ShownAlert }): JSX.Element | null {
  const { description, runbook } = listed?.alert ?? {};
  const isLink = runbook !== undefined && /^https?:\/\//.test(runbook);
  if (description === undefined && !isLink) return null;
  return (
    <section class="card">
      <div class="ch">
        <h2>What can be done</h2>
      </div>
      {description !== undefined && <p class="noted wrap">{description}</p>}
      {isLink && (
        <p class="noted wrap">
          <a class="acc row" href={runbook} target="_blank" rel="noreferrer">
            <Icon name="link" />
            <span class="wrap">{runbook}</span>
          </a>
        </p>
      )}
    </section>
  );
}
