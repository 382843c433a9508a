/** What a host is made of, and what changed in it, as it has told the hub. */
import type { JSX } from 'preact';

import type { HostInventoryAnswer } from '../../api/answers.ts';
import { moment } from '../../format/time.ts';
import { count, withUnit } from '../../format/value.ts';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked } from '../../store/asked.ts';
import { Rows } from '../inventory/sections.tsx';

type Report = NonNullable<HostInventoryAnswer['report']>;

const EVERY_MS = 60_000;

export function HostInventory({ id, now }: { id: string; now: number }): JSX.Element {
  const asked = useAsked<HostInventoryAnswer>(`fleet/hosts/${id}/inventory`, {}, EVERY_MS);
  const { answer } = asked;
  if (answer === undefined) return <NoAnswer of={asked} what="The inventory" />;
  const { report, at, changes } = answer;
  if (report === null || at === null)
    return (
      <section>
        <h3>Inventory</h3>
        <p class="mut">It has told nothing yet; agents of earlier versions do not.</p>
      </section>
    );
  return (
    <>
      <section class="host-inventory">
        <h3>
          Inventory<span class="mut"> · told {moment(at, now)}</span>
        </h3>
        <Rows of={factsOf(report)} />
        {report.sections.map(({ title, rows }) => (
          <details key={title}>
            <summary>{title}</summary>
            <Rows of={rows} />
          </details>
        ))}
      </section>
      <section>
        <h3>
          Changes
          <span class="mut"> · {changes.length === 0 ? 'none yet' : count(changes.length, 'change')}</span>
        </h3>
        <ol class="host-events">
          {changes.map(({ at: seen, label, before, after }, index) => (
            <li key={`${seen} ${index}`}>
              <span class="mut nowrap">{moment(seen, now)}</span>
              <span class="wrap">
                {label}: {before === null ? '' : `${before} → `}
                {after ?? 'gone'}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

function factsOf(report: Report): [string, string][] {
  const { isRebootPending, inputs } = report;
  const failing = inputs.filter(({ error }) => error !== null);
  const rows: [string, string][] = [
    ['System', report.os],
    ['Kernel', report.kernel],
    ['Architecture', report.arch],
    ['Processors', String(report.cores)],
    ['Memory', withUnit(report.memoryBytes, 'bytes')],
    ['Virtualisation', report.virtualisation],
    ['Reboot', isRebootPending === true ? 'pending' : ''],
    ['Time zone', report.timeZone],
    ['Inputs', inputs.map(({ alias }) => alias).join(', ')],
    ...failing.map(({ alias, error }): [string, string] => [`${alias} fails`, error ?? '']),
  ];
  return rows.filter(([, value]) => value !== '');
}
