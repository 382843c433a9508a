/** Every channel at 1, 14, 60 and 400 alerts, with ordinary and with hostile texts. */
import { describe, expect, it } from '@jest/globals';

import type { Notification } from '../../src/plugin/notification.ts';
import { strictPagerDuty, strictSlack, strictTeams } from '../support/fakes/notifier-services.ts';
import { CHANNELS, RENDER, type Channel } from '../support/kit/channels.ts';
import { diskAlert, endedDisk, hostileDisk, notificationOf, storm } from '../support/kit/sample-alerts.ts';

const COUNTS = [1, 14, 60, 400] as const;
/** What a reader shows without being asked to, or what the service documents. Bytes. */
const MAX_BYTES: Readonly<Partial<Record<Channel, number>>> = { slack: 16_000, teams: 20_000, email: 100_000 };
const MAX_TITLE: Readonly<Partial<Record<Channel, number>>> = { teams: 200, email: 200, pagerduty: 1024 };

/** Every second one has ended. */
const mixed = (count: number): Notification => {
  const hosts = Array.from({ length: count }, (_, index) => `web${index}`);
  const alerts = hosts.map((host, index) => (index % 2 === 0 ? diskAlert(host) : endedDisk(host)));
  return notificationOf(alerts);
};

const KINDS: readonly (readonly [name: string, make: (count: number) => Notification])[] = [
  ['ordinary', storm],
  ['ended and firing', mixed],
  ['hostile', (count) => storm(count, hostileDisk)],
];

const cases = CHANNELS.flatMap((channel) =>
  KINDS.flatMap(([name, make]) => COUNTS.map((count) => [channel, count, name, make] as const)),
);

it.each(cases)(
  'AL-110, AL-111, M-018: %s with %i alerts, %s: within its limits, valid, and inert',
  async (channel, count, _, make) => {
    const notification = make(count);
    const { first, payload } = await RENDER[channel](notification);
    expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(MAX_BYTES[channel] ?? Infinity);
    for (const line of first) {
      expect(line.length).toBeLessThanOrEqual(MAX_TITLE[channel] ?? Infinity);
      expect(isWellFormed(line)).toBe(true);
      if (channel === 'alertmanager') continue; // it gets the summary as it is, as JSON
      expect(line).not.toMatch(/[\u0000-\u001f\u007f\u202e]/);
      // The value is there, however long the names are.
      expect(line).toMatch(/97 %/);
    }
    expect(isWellFormed(payload)).toBe(true);
    CHECKS[channel]?.(payload, notification);
  },
);

const CHECKS: Readonly<Partial<Record<Channel, (payload: string, notification: Notification) => void>>> = {
  slack(payload) {
    const headers = { 'content-type': 'application/json' };
    expect(strictSlack({ headers, body: payload })).toEqual({ status: 200, body: 'ok' });
    // A header is plain text.
    const marked = payload.replace(/\{"type":"header".*?\}\}/, '');
    expect(marked).not.toMatch(/<[!@#]/);
    // Every entity and every link is whole.
    expect(marked).not.toMatch(/&(?!amp;|lt;|gt;)/);
    expect(marked.match(/</g)?.length ?? 0).toBe(marked.match(/>/g)?.length ?? 0);
  },
  teams(payload) {
    const headers = { 'content-type': 'application/json' };
    expect(strictTeams({ headers, body: payload })).toEqual({ status: 202, body: '' });
    expect(payload).not.toMatch(/<|\[a\]\(http:\/\/evil/);
  },
  email(payload) {
    expect(payload).not.toMatch(/<script|<!channel/);
    for (const tag of ['table', 'tr', 'td', 'p', 'b', 'a', 'span']) {
      const opened = payload.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0;
      expect(payload.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0).toBe(opened);
    }
  },
  pagerduty(payload, { alerts }) {
    const events = payload.split('\n');
    expect(events).toHaveLength(alerts.length);
    for (const body of events) expect(strictPagerDuty({ headers: {}, body }).status).toBe(202);
  },
  console(payload, { alerts }) {
    expect(payload).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    for (const { fingerprint } of alerts) expect(payload).toContain(fingerprint.slice(0, 8));
  },
};

describe.each(['slack', 'teams', 'email'] as const)('%s', (channel) => {
  it.each(COUNTS)('M-010, M-011: with %i alerts lists what it can and counts the rest', async (count) => {
    const { payload: text } = await RENDER[channel](storm(count));
    const listed = new Set(storm(count).alerts.filter(({ fingerprint }) => text.includes(fingerprint.slice(0, 8))))
      .size;
    const more = Number(/\+(\d+) more/.exec(text)?.[1] ?? 0);
    expect(listed + more).toBe(count);
    expect(listed).toBeGreaterThanOrEqual(Math.min(count, 45));
  });
});

it('AL-111: a header of a mail takes nothing from tags but text', async () => {
  const { composeMail } = await import('../../src/notifiers/email/compose.ts');
  const { MAIL } = await import('../support/kit/channels.ts');
  const { subject, headers } = await composeMail(storm(14, hostileDisk), MAIL);
  for (const value of [subject, ...Object.values(headers)]) {
    expect(value).not.toMatch(/[\u0000-\u001f]/);
    expect(value.length).toBeLessThanOrEqual(200);
  }
});

/** No half of a surrogate pair. */
function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}
