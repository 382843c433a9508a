/** Which host this is, and which time is shown. */
import type { JSX } from 'preact';

import { rangeText } from '../../format/time.ts';
import { duration, withUnit } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Segments } from '../../parts/segments.tsx';
import { StateIcon } from '../../parts/state.tsx';
import { LiveMark } from '../../shell/live-mark.tsx';
import { agentTime } from '../../store/clock.ts';
import { findings, host, pausedAt, tick } from '../../store/live.ts';
import { summarize } from '../../store/problems.ts';
import { liveSpan, range, showLast, SPANS } from '../../url/range.ts';

export function HostLine(): JSX.Element {
  return (
    <div class="head">
      <HostState />
      <h1 class="cut" title={host.value?.name}>
        {host.value?.name ?? 'This host'}
      </h1>
      <HostFacts />
      {liveSpan.value === undefined ? <FixedRange /> : <LiveControls />}
      <RangeChoice />
    </div>
  );
}

function HostState(): JSX.Element {
  if (findings.value === undefined) return <StateIcon level="unknown" isQuiet />;
  const { worst } = summarize(findings.value);
  return worst === undefined ? <Icon name="ok" tone="ok" label="Fine" /> : <StateIcon level={worst} />;
}

/** `Debian 13 · 16 cores · 64 GiB · up 41 d 6 h · 192.0.2.17 · role=db`. */
export function hostFacts(): readonly string[] {
  const { value } = host;
  if (value === undefined) return [];
  return [
    shortName(value.os),
    `${value.cores} ${value.cores === 1 ? 'core' : 'cores'}`,
    withUnit(value.memoryBytes, 'bytes'),
    `up ${duration(agentTime() - value.bootedAt)}`,
    ...value.addresses.slice(0, 1),
    ...Object.entries(value.tags)
      .filter(([key]) => key !== 'host')
      .map(([key, text]) => `${key}=${text}`),
  ].filter((text) => text !== '');
}

/** `Debian GNU/Linux 12 (bookworm)` is `Debian 12` to everybody. */
function shortName(os: string): string {
  return os.replace('GNU/Linux ', '').replace(/ \([^)]*\)$/, '');
}

function HostFacts(): JSX.Element {
  return (
    <div class="meta cut grow">
      {hostFacts().map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </div>
  );
}

function LiveControls(): JSX.Element {
  const isPaused = pausedAt.value !== undefined;
  return (
    <>
      <LiveMark />
      <button
        type="button"
        class="ib"
        aria-label={isPaused ? 'Go on' : 'Pause'}
        title={isPaused ? 'Go on' : 'Pause'}
        onClick={() => {
          pausedAt.value = isPaused ? undefined : tick.value || agentTime();
        }}
      >
        <Icon name={isPaused ? 'right' : 'pause'} />
      </button>
    </>
  );
}

function FixedRange(): JSX.Element {
  const { from, to } = range.value;
  return (
    <>
      <span class="two nowrap">{rangeText(from, to)}</span>
      <button
        type="button"
        class="btn"
        onClick={() => {
          showLast('15m');
        }}
      >
        Go live
      </button>
    </>
  );
}

export function RangeChoice(): JSX.Element {
  return (
    <Segments
      label="Range"
      items={SPANS.map((value) => ({ value, text: value.replace(/(\d+)/, '$1\u00a0') }))}
      chosen={liveSpan.value}
      onChoose={(span) => {
        pausedAt.value = undefined;
        showLast(span);
      }}
    />
  );
}
