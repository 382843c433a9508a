/**
 * A notification in words, for all channels: a title, in groups one line for each alert, and the details of the first few.
 * Plain text: a notifier lays it out, escapes it, and leaves out what exceeds its limits.
 */
import { oneLine, truncate } from '../message-text.ts';
import type { AlertView, ContextTable, Link, Notification } from '../notification.ts';

import { namesOf, summaryOf } from './about.ts';
import { lastedText, markOf, stateOf, toneOf, type Tone } from './state.ts';
import { timeAgo, timeText } from './time.ts';
import { headed, leadOf, titleOf } from './title.ts';
import { sparkline, trendText } from './trend.ts';
import { isSilent, readingsOf, readingsText, reasonText } from './value.ts';

export interface Message {
  readonly title: string;
  /** Of what the title is about. */
  readonly tone: Tone;
  /** One line for each alert of a group; empty for a single alert, and without details. */
  readonly overview: readonly AlertLine[];
  /** The first few alerts, in a group only what fires; none with the detail `minimal`. */
  readonly details: readonly AlertDetails[];
  /** Number of further alerts. */
  readonly unlisted: number;
  /** Of the whole group. */
  readonly links: readonly Link[];
}

/** `🔴 CRITICAL web1 /var 96 %` */
export interface AlertLine {
  readonly tone: Tone;
  readonly mark: string;
  /** `CRITICAL`, `RESOLVED after 42 min`, … */
  readonly state: string;
  /** Which alert it is: `web1 /var`, or its summary. */
  readonly about: string;
  /** What `about` does not say; may be empty. */
  readonly value: string;
  /** For `healthd ack`, which takes the beginning of an id. */
  readonly id: string;
  readonly url: string | undefined;
}

export interface AlertDetails {
  readonly tone: Tone;
  /** `🔴 CRITICAL: Disk /var on web1 is 96 % full`; undefined for a single alert, since the title says the same. */
  readonly heading: string | undefined;
  readonly description: string | undefined;
  readonly facts: readonly Fact[];
  readonly trend: { readonly bars: string; readonly text: string } | undefined;
  readonly tables: readonly ContextTable[];
  readonly links: readonly Link[];
  /** To the forms of the page that acknowledge and silence it, while it fires. Opening one does nothing yet. */
  readonly acts: readonly Link[];
  readonly alert: AlertView;
}

export type Fact = readonly [name: string, value: string];

const MAX_DETAILS = 3;
const MAX_FACT = 500;
const MAX_DESCRIPTION = 1000;
const ID_DIGITS = 8;

/** @param maxTitle length in UTF-16 code units */
export function messageOf(notification: Notification, maxTitle?: number): Message {
  const { alerts, truncated, detail, links } = notification;
  const lead = leadOf(alerts);
  const isGroup = alerts.length + truncated > 1;
  const ordered = lead === undefined ? alerts : [lead, ...alerts.filter((alert) => alert !== lead)];
  const most = { full: MAX_DETAILS, short: 1, minimal: 0 }[detail];
  const detailed = ordered.filter(({ status }) => !isGroup || detail === 'short' || status === 'firing').slice(0, most);
  return {
    title: titleOf(notification, maxTitle),
    tone: lead === undefined ? 'info' : toneOf(lead),
    overview: isGroup && detail === 'full' ? linesOf(ordered, notification) : [],
    details: detailed.map((alert) => detailsOf(alert, notification, isGroup)),
    unlisted: isGroup && detail === 'full' ? truncated : alerts.length + truncated - detailed.length,
    links,
  };
}

/** Tags distinguish alerts of one rule, summaries those of several. */
function linesOf(alerts: readonly AlertView[], { time }: Notification): readonly AlertLine[] {
  const hasOneRule = new Set(alerts.map(({ rule }) => rule)).size === 1;
  return alerts.map((alert) => ({
    tone: toneOf(alert),
    mark: markOf(alert),
    state: stateOf(alert, time),
    ...(hasOneRule ? namedText(alert, time) : summaryText(alert, time)),
    id: alert.fingerprint.slice(0, ID_DIGITS),
    url: alert.url,
  }));
}

type LineText = Pick<AlertLine, 'about' | 'value'>;

function namedText(alert: AlertView, now: number): LineText {
  const value = readingsText(alert, now);
  return value === '' ? summaryText(alert, now) : { about: namesOf(alert), value };
}

/** The summary of what fires often has its value already. */
function summaryText(alert: AlertView, now: number): LineText {
  const summary = summaryOf(alert);
  const [current] = readingsOf(alert, now);
  if (isSilent(alert)) return { about: summary, value: readingsText(alert, now) };
  if (alert.status === 'firing') {
    return { about: summary, value: current === undefined || summary.includes(current.value) ? '' : current.value };
  }
  return { about: `was “${summary}”`, value: current === undefined ? '' : `${current.name} ${current.value}` };
}

function detailsOf(alert: AlertView, notification: Notification, isGroup: boolean): AlertDetails {
  const { detail, time, reason } = notification;
  const { status, description } = alert;
  const isFull = detail === 'full' && reason !== 'digest';
  const isFiring = status === 'firing';
  const heading = headed(`${markOf(alert)} ${stateOf(alert, time)}`, summaryOf(alert), alert);
  return {
    tone: toneOf(alert),
    heading: isGroup ? heading : undefined,
    description: isFiring && description !== undefined ? truncate(description, MAX_DESCRIPTION) : undefined,
    facts: factsOf(alert, notification),
    trend: isFull ? trendOf(alert) : undefined,
    // What was running when it fired says nothing about now.
    tables: isFull && isFiring ? alert.context.filter(({ rows, note }) => rows.length > 0 || note !== undefined) : [],
    links: linksOf(alert),
    acts: actsOf(alert),
    alert,
  };
}

function trendOf({ trend, unit }: AlertView): AlertDetails['trend'] {
  const text = trendText({ trend, unit });
  return trend === undefined || text === undefined ? undefined : { bars: sparkline(trend, unit), text };
}

function linksOf({ url, runbook, status }: AlertView): readonly Link[] {
  return [
    ...(url === undefined ? [] : [{ title: 'Open alert', url }]),
    ...(runbook === undefined || status === 'resolved' ? [] : [{ title: 'Runbook', url: runbook }]),
  ];
}

/** Mail scanners follow links, so an address of the page only opens its form. */
function actsOf({ url, status, ack }: AlertView): readonly Link[] {
  if (url === undefined || status === 'resolved') return [];
  return [
    ...(ack === undefined ? [{ title: 'Acknowledge', url: `${url}?do=ack` }] : []),
    { title: 'Silence', url: `${url}?do=silence&for=1h` },
  ];
}

function factsOf(alert: AlertView, notification: Notification): readonly Fact[] {
  const { time, timeZone } = notification;
  const { host, status, startsAt, endsAt, silentSince, tags, ack, silenced, fingerprint } = alert;
  const others = Object.entries(tags).filter(([key]) => key !== 'host');
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Server', host],
    ...readingsOf(alert, time).map(({ name, value, limit }) => [capital(name), `${value}${limit}`] as const),
    ['Nothing since', isSilent(alert) && silentSince !== undefined ? timeAgo(silentSince, notification) : undefined],
    status === 'firing' ? ['Since', timeAgo(startsAt, notification)] : ['Fired', timeText(startsAt, timeZone)],
    ['Resolved', endsAt === undefined ? undefined : `${timeText(endsAt, timeZone)} after ${lastedText(alert, time)}`],
    ['About', others.map(([key, value]) => `${key}=${value}`).join(', ')],
    ['Reason', isSilent(alert) ? undefined : reasonText(alert)],
    ['Acknowledged', ack === undefined ? undefined : `${ack.by}: ${ack.comment}`],
    ['Silenced', silenced ? 'yes' : undefined],
    status === 'firing' && ack === undefined ? ['Acknowledge', `healthd ack ${fingerprint}`] : ['Id', fingerprint],
  ];
  return facts.flatMap(([name, value]) => {
    const text = truncate(oneLine(value ?? ''), MAX_FACT);
    return text === '' ? [] : [[name, text] as const];
  });
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** `+386 more`, or nothing. @param hidden lines of the overview that did not fit */
export function moreText({ unlisted }: Message, hidden = 0): string | undefined {
  const count = unlisted + hidden;
  return count > 0 ? `+${count} more` : undefined;
}
