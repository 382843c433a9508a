/** What is known of a host: how it is, figures, facts, and what happened to it. */
import type { ComponentChildren, JSX } from 'preact';

import type { FleetEventsAnswer } from '../../api/answers.ts';
import { moment } from '../../format/time.ts';
import { count, decimals, roughDuration } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked } from '../../store/asked.ts';

import { tagText } from './columns.tsx';
import { isHeard, offsetText, type HostRow } from './trouble.ts';

const EVERY_MS = 10_000;

/** Gets the focus first: it would be on the first button, which is not what a reader came for. */
export function State({ row: { look, troubles, presence, since }, now }: { row: HostRow; now: number }): JSX.Element {
  if (troubles.length === 0)
    return (
      <p class="row two host-state" tabIndex={-1} autofocus>
        <Icon name={look.icon} tone={look.tone} />
        {look.word} for {roughDuration(now - since)}
        {presence === 'stopped' && ': it said so before it went'}
      </p>
    );
  return (
    <ul class="host-troubles host-state" tabIndex={-1} autofocus>
      {troubles.map(({ kind, says, evidence }) => (
        <li key={kind} class="row">
          <Icon name={look.icon} tone={look.tone} />
          <span class="wrap">
            It {says}
            {evidence !== '' && <span class="mut"> · {evidence}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function Figures({ row }: { row: HostRow }): JSX.Element | null {
  const { cpu, memory, disk, load } = row.vitals;
  if (!isHeard(row)) return null;
  const percent = (value: number | null) => (value === null ? '—' : `${decimals(value, value < 9.95 ? 1 : 0)}\u00a0%`);
  return (
    <dl class="host-figures">
      <Figure title="CPU" text={percent(cpu)} />
      <Figure title="Memory" text={percent(memory)} />
      <Figure title="Fullest disk" text={percent(disk)} />
      <Figure title="Load, 1 min" text={load === null ? '—' : decimals(load, 2)} />
    </dl>
  );
}

function Figure({ title, text }: { title: string; text: string }): JSX.Element {
  return (
    <div>
      <dt class="mut s">{title}</dt>
      <dd>
        <b>{text}</b>
      </dd>
    </div>
  );
}

export function Facts({ row, now }: { row: HostRow; now: number }): JSX.Element {
  const { addresses, version, formerNames, joinedAt, bootedAt, heardAt, lines, offsetMs, clonedFrom, id } = row;
  const rows: readonly (readonly [string, ComponentChildren])[] = [
    ['Tags', tagText(row)],
    ['Addresses', addresses.join(', ')],
    ['Heard', `${moment(heardAt, now)}, ${roughDuration(Math.max(0, now - heardAt))} ago`],
    ['Clock', offsetMs === null ? '' : Math.abs(offsetMs) < 50 ? 'as the hub’s' : `${offsetText(offsetMs)} the hub`],
    ['Lines', linesText(lines, now)],
    ['Booted', moment(bootedAt, now)],
    ['Joined', moment(joinedAt, now)],
    ['healthd', version],
    ['Former names', formerNames.map(({ name, until }) => `${name} (until ${moment(until, now)})`).join(', ')],
    ['Clone of', clonedFrom ?? ''],
    ['Id', <code key="id">{id}</code>],
  ];
  return (
    <dl class="facts host-facts">
      {rows
        .filter(([, value]) => value !== '')
        .map(([title, value]) => (
          <div key={title}>
            <dt class="mut">{title}</dt>
            <dd class="wrap">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function linesText({ received, missing, lost, pending, completeSince }: HostRow['lines'], now: number): string {
  const many = (value: number) => value.toLocaleString('en');
  return [
    `${many(received)} received`,
    ...(missing > 0 ? [`${many(missing)} missing`] : []),
    `${many(lost)} lost`,
    `${many(pending)} wait on the host`,
    ...(completeSince === null || missing > 0 ? [] : [`no gap since ${moment(completeSince, now)}`]),
  ].join(' · ');
}

export function Events({ row: { id }, now }: { row: HostRow; now: number }): JSX.Element {
  const asked = useAsked<FleetEventsAnswer>('fleet/events', { host: id, limit: 50 }, EVERY_MS);
  const events = asked.answer?.events;
  return (
    <section>
      <h3>What happened{events !== undefined && <span class="mut"> · {count(events.length, 'event')}</span>}</h3>
      {events === undefined ? (
        <NoAnswer of={asked} what="What happened" />
      ) : (
        <ol class="host-events">
          {events.map(({ at, text }, index) => (
            <li key={`${at} ${index}`}>
              <span class="mut nowrap">{moment(at, now)}</span>
              <span class="wrap">{text}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
