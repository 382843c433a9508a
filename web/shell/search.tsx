/** Finds views, hosts of the fleet, processes that are busy now, and any series. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';

import type { FleetAnswer, FleetHost } from '../api/answers.ts';
import { Link } from '../parts/link.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { useAsked } from '../store/asked.ts';
import { searchSeries, type SeriesSetInfo } from '../store/history.ts';
import { elsewhere, host, isHub, processes } from '../store/live.ts';
import { seriesName } from '../store/series-name.ts';

import { isSearching } from './dialogs.ts';
import { pathOf, views } from '../url/route.ts';
import { viewPath } from '../views/fleet/path.ts';

const WAIT_MS = 150;
const MOST = 16;

interface Hit {
  readonly name: string;
  readonly detail: string;
  readonly to: string;
  readonly keys: Readonly<Record<string, string>>;
}

export function Search(): JSX.Element {
  const text = useSignal('');
  const found = useSignal<readonly SeriesSetInfo[]>([]);
  const error = useSignal<string | undefined>(undefined);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      searchSeries(text.value, MOST, stop.signal).then(
        ({ sets }) => {
          found.value = sets;
          error.value = undefined;
        },
        (problem: unknown) => {
          if (!stop.signal.aborted) error.value = problem instanceof Error ? problem.message : String(problem);
        },
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text.value]);
  const fleet = useAsked<FleetAnswer>(isHub.value ? 'fleet' : undefined).answer;
  const hits = hitsOf(text.value.toLowerCase(), found.value, fleet?.hosts ?? []);
  return (
    <Sheet title="Search" class="search" onClose={close}>
      <input
        class="search-in"
        type="search"
        autofocus
        aria-label="Metric, process, host"
        placeholder="Metric, process, host"
        value={text}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
        }}
      />
      {error.value !== undefined && <p class="crit">{error}</p>}
      <ul class="menu" onClick={close}>
        {hits.map(({ name, detail, to, keys }) => (
          <li key={`${name} ${detail}`}>
            <Link to={to} keys={keys}>
              <span class="cut">{name}</span>
              <span class="mut s cut">{detail}</span>
            </Link>
          </li>
        ))}
      </ul>
      {hits.length === 0 && error.value === undefined && (
        <p class="mut">No view, host, process or series has that in its name.</p>
      )}
    </Sheet>
  );
}

function hitsOf(text: string, sets: readonly SeriesSetInfo[], hosts: readonly FleetHost[]): readonly Hit[] {
  const found = views.value
    .filter(({ title }) => title.toLowerCase().includes(text))
    .map((item) => ({
      name: item.title,
      detail: 'view',
      to: pathOf(item),
      keys: {},
    }));
  const busy = (processes.value?.processes ?? [])
    .filter(({ name, unit }) => text !== '' && `${name} ${unit}`.toLowerCase().includes(text))
    .map(({ name, unit, pid }) => ({
      name,
      detail: `process ${pid}${unit === '' ? '' : ` · ${unit}`}`,
      to: pathOf({ isOfHost: true, path: 'processes' }),
      keys: { q: name },
    }));
  const switches = [...ownHits(text), ...hostHits(text, hosts)];
  return [
    ...(text === '' ? [...switches, ...found] : [...found, ...switches, ...busy]),
    ...seriesHits(text, sets),
  ].slice(0, MOST);
}

/** Leave room for what else has the words. */
const MOST_HOSTS = 5;

/** The hub is not among its hosts. */
function ownHits(text: string): readonly Hit[] {
  const name = elsewhere.value?.hub ?? host.value?.name ?? '';
  if (!isHub.value || !name.toLowerCase().includes(text)) return [];
  return [{ name, detail: 'host of the hub', to: `/h/${encodeURIComponent(name)}/`, keys: {} }];
}

function hostHits(text: string, hosts: readonly FleetHost[]): readonly Hit[] {
  return hosts
    .filter(({ name, addresses }) => [name, ...addresses].some((one) => one.toLowerCase().includes(text)))
    .slice(0, MOST_HOSTS)
    .map((one) => ({ name: one.name, detail: 'host', to: viewPath(one, hosts), keys: {} }));
}

/** Of a set the field that the words name, else its first. */
function seriesHits(text: string, sets: readonly SeriesSetInfo[]): readonly Hit[] {
  if (text === '') return [];
  return sets.flatMap(({ measurement, tags, fields }) => {
    const words = text.split(/\s+/);
    const field = fields.find(({ name }) => words.some((word) => name.includes(word))) ?? fields[0];
    if (field === undefined) return [];
    const name = seriesName(measurement, field.name, tags);
    return [{ name, detail: field.help, to: pathOf({ isOfHost: true, path: 'explore' }), keys: { s: name } }];
  });
}

function close(): void {
  isSearching.value = false;
}
