/** All hosts of the hub: what is wrong, a heat map, a table, and one of them. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import type { FleetAnswer } from '../../api/answers.ts';
import { count } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked, type Asked } from '../../store/asked.ts';
import { findings, isHub } from '../../store/live.ts';
import { address } from '../../url/location.ts';
import { subject } from '../../url/route.ts';

import { AddSheet } from './add-sheet.tsx';
import { parseHostFilter } from './filter.ts';
import { tagKeys } from './groups.ts';
import { HeatMap, heatColor } from './heat-map.tsx';
import { HostSheet } from './host-sheet.tsx';
import { hostOf } from './path.ts';
import { ProblemList } from './problem-list.tsx';
import { allProblems } from './problems.ts';
import { HostsCard } from './hosts-card.tsx';
import { chartAsked, Lines } from './lines.tsx';
import { hostRow, type HostRow } from './trouble.ts';

const EVERY_MS = 5000;

const isVisible = signal(document.visibilityState === 'visible');
document.addEventListener('visibilitychange', () => {
  isVisible.value = document.visibilityState === 'visible';
});

export function Fleet(): JSX.Element {
  const asked = useAsked<FleetAnswer>(isHub.value ? 'fleet' : undefined, {}, isVisible.value ? EVERY_MS : undefined);
  const { answer } = asked;
  if (!isHub.value) return <NoHub />;
  if (answer === undefined)
    return (
      <main class="vw" id="main">
        <h1>Fleet</h1>
        <section class="card">
          <NoAnswer of={asked} what="The fleet" />
        </section>
      </main>
    );
  return <Hosts answer={answer} asked={asked} />;
}

function NoHub(): JSX.Element {
  return (
    <main id="main" class="alone">
      <h1>This agent is no hub</h1>
      <p class="two">
        A hub has a section <code>hub</code> in its configuration. Other agents join it, and this page shows all of
        them.
      </p>
    </main>
  );
}

function Hosts({ answer, asked }: { answer: FleetAnswer; asked: Asked<FleetAnswer> }): JSX.Element {
  const all = useMemo(() => answer.hosts.map((host) => hostRow(host, answer.now)), [answer]);
  const problems = useMemo(() => allProblems(all, answer, findings.value), [all, findings.value]);
  const { search } = address.value;
  const text = search.get('q') ?? '';
  const filter = useMemo(() => parseHostFilter(text), [text]);
  const rows = useMemo(() => all.filter((row) => filter.matches(row)), [all, filter]);
  const keys = useMemo(() => tagKeys(all), [all]);
  const by = keys.find((key) => key === search.get('by'));
  const host = hostOf(subject.value, all);
  const chart = chartAsked();
  return (
    <>
      <main class="vw fleet" id="main">
        <Head all={all} error={asked.error?.message} />
        {all.length === 0 ? (
          <NoHosts />
        ) : (
          <>
            {chart !== undefined && <Lines all={all} rows={rows} metric={chart} />}
            <div class="fleet-top">
              <ProblemList problems={problems} hosts={all.length} />
              <HeatMap rows={rows} all={all} by={by} color={heatColor(search.get('color'))} />
            </div>
            <HostsCard rows={rows} all={all} keys={keys} by={by} bad={filter.bad} now={answer.now} />
          </>
        )}
      </main>
      {subject.value !== undefined && (
        <HostSheet
          key={subject.value}
          name={subject.value}
          row={host}
          all={all}
          now={answer.now}
          onActed={asked.retry}
        />
      )}
      {search.get('do') === 'add' && <AddSheet />}
    </>
  );
}

function Head({ all, error }: { all: readonly HostRow[]; error: string | undefined }): JSX.Element {
  const bad = all.filter(({ troubles }) => troubles.length > 0).length;
  return (
    <div class="vh">
      <h1>
        {bad === 0
          ? `None of ${count(all.length, 'host')} needs you`
          : `${bad} of ${count(all.length, 'host')} need you`}
      </h1>
      <Counts all={all} />
      <span class="grow" />
      {error !== undefined && (
        <span class="row warn" role="status">
          <Icon name="warn" tone="warn" />
          {error}
        </span>
      )}
      <Link class="btn p" keys={{ do: 'add' }}>
        Add a host
      </Link>
    </div>
  );
}

function Counts({ all }: { all: readonly HostRow[] }): JSX.Element {
  const looks = new Map<string, { readonly row: HostRow; count: number }>();
  for (const row of all) {
    const known = looks.get(row.look.word);
    if (known === undefined) looks.set(row.look.word, { row, count: 1 });
    else known.count += 1;
  }
  const sorted = [...looks.values()].sort((a, b) => a.row.rank - b.row.rank);
  return (
    <ul class="fleet-counts">
      {sorted.map(({ row: { look, troubles }, count: many }) => (
        <li key={look.word} class={troubles.length === 0 ? 'row mut' : 'row'}>
          <Icon name={look.icon} tone={look.tone} />
          {many.toLocaleString('en')} {look.word.toLowerCase()}
        </li>
      ))}
    </ul>
  );
}

function NoHosts(): JSX.Element {
  return (
    <section class="card empty">
      <p>No host has joined yet.</p>
      <p class="mut">“Add a host” makes the line that is run on a host, once; the host is here a few seconds later.</p>
    </section>
  );
}
