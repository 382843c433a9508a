/** Mounts, the fullest first. Many of them as a strip, with rows for those that need somebody. */
import { useComputed, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { Finding } from '../../api/answers.ts';
import { after, number, valueText } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { Meter } from '../../parts/meter.tsx';
import { pathOf } from '../../url/route.ts';
import { setsOf } from '../../store/catalog.ts';
import { lastOf } from '../../store/last.ts';
import { findings } from '../../store/live.ts';
import { isHandled } from '../../store/problems.ts';
import { parseSeriesName, seriesName } from '../../store/series-name.ts';

export interface Mount {
  readonly path: string;
  readonly device: string;
  /** Percent. */
  readonly used: number;
  readonly free: number;
  readonly finding: Finding | undefined;
}

const ROWS = 4;
/** More are a strip. */
const MOST_ROWS = 6;
const ROWS_BELOW_STRIP = 2;

export function useMounts(): ReadonlySignal<readonly Mount[]> {
  return useComputed(() =>
    setsOf('disk')
      .map(({ tags }) => ({
        path: tags['path'] ?? '',
        device: tags['device'] ?? '',
        used: lastOf(seriesName('disk', 'used_percent', tags)),
        free: lastOf(seriesName('disk', 'free', tags)),
        finding: findingOf(tags['path'] ?? ''),
      }))
      .sort((a, b) => rank(b) - rank(a)),
  );
}

function rank({ finding, used }: Mount): number {
  const urgency = finding === undefined ? 0 : finding.level === 'critical' ? 2000 : 1000;
  return urgency + (Number.isFinite(used) ? used : -1);
}

function findingOf(path: string): Finding | undefined {
  return findings.value?.findings.find(({ series }) => {
    const parts = series === undefined ? undefined : parseSeriesName(series);
    return parts?.measurement === 'disk' && parts.tags['path'] === path;
  });
}

export function Disks(): JSX.Element {
  const mounts = useMounts();
  const all = mounts.value;
  const needy = all.filter(({ finding }) => finding !== undefined);
  const isStrip = all.length > MOST_ROWS;
  const rows = isStrip ? needy.slice(0, ROWS_BELOW_STRIP) : all.slice(0, ROWS);
  const rest = all.filter((mount) => !rows.includes(mount));
  return (
    <section class="card disks">
      <div class="ch">
        <h2>Disks</h2>
        <span class="x">
          {all.length} mounted{isStrip && needy.length > 0 ? `, ${needy.length} need you` : ''}
        </span>
      </div>
      {isStrip && <Strip mounts={all} />}
      <table class={isStrip ? 'bare' : ''}>
        <thead>
          <tr>
            <th scope="col">Mount</th>
            <th scope="col" class="w-used">
              Used %
            </th>
            <th scope="col" class="n w-left">
              Left
            </th>
            <th scope="col" class="n w-full">
              Full in
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((mount, index) => (
            <Row key={index} mount={mount} />
          ))}
        </tbody>
      </table>
      <div class="foot">
        {rest.length > 0 && (
          <Link to={pathOf({ isOfHost: true, path: 'explore' })} keys={{ q: 'disk' }}>
            {rest.length} more, at most {number(Math.max(0, ...rest.map(({ used }) => used || 0)))} %
          </Link>
        )}
      </div>
    </section>
  );
}

function Row({ mount: { path, device, used, free, finding } }: { mount: Mount }): JSX.Element {
  const left = valueText(free, 'bytes');
  const isQuiet = finding === undefined || isHandled(finding);
  return (
    <tr>
      <td title={`${path} ${device}`}>
        {path} <span class="mut s">{device.replace(/^\/dev\//, '')}</span>
      </td>
      <td>
        <Meter percent={used} level={isQuiet ? undefined : finding.level} />
      </td>
      <td class="n">
        {left.number}
        <span class="u">{after(left.unit)}</span>
      </td>
      <td class="n">{finding === undefined ? <span class="mut">—</span> : <FullIn finding={finding} />}</td>
    </tr>
  );
}

/** From the sentence: `will be full in about 9 h`. */
function FullIn({ finding }: { finding: Finding }): JSX.Element {
  const text = finding.sentence.map((part) => (typeof part === 'string' ? part : part.name)).join('');
  const time = /\bin about (\d+ [a-z]+)/.exec(text)?.[1]?.replace(' ', '\u00a0') ?? '';
  const tone = isHandled(finding) ? 'mut' : finding.level === 'critical' ? 'crit' : 'warn';
  return (
    <span class={`row end ${tone}`}>
      <Icon name={finding.level === 'critical' ? 'crit' : 'warn'} tone={tone} label={finding.level} />
      {time}
    </span>
  );
}

const STRIP_HEIGHT = 40;

function Strip({ mounts }: { mounts: readonly Mount[] }): JSX.Element {
  const shown = mounts.toSorted((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${shown.length * 10 - 1} ${STRIP_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${shown.length} mounts, the fullest ${number(Math.max(0, ...shown.map(({ used }) => used || 0)))} %`}
    >
      {shown.map(({ path, used, finding }, index) => {
        const height = ((used || 0) / 100) * STRIP_HEIGHT;
        const tone = finding === undefined || isHandled(finding) ? '' : finding.level === 'critical' ? 'cc' : 'w';
        return (
          <g key={path}>
            <title>{`${path} ${number(used)} %`}</title>
            <rect class="track" x={index * 10} width="9" height={STRIP_HEIGHT} />
            <rect class={`level ${tone}`} x={index * 10} y={STRIP_HEIGHT - height} width="9" height={height} />
          </g>
        );
      })}
    </svg>
  );
}
