/** What a message says, in every channel, from the real payloads. */
import { describe, expect, it } from '@jest/globals';

import type { AlertView, ChangeKind, Notification } from '../../src/plugin/notification.ts';
import { CHANNELS, RENDER, type Channel } from '../support/kit/channels.ts';
import { diskAlert, endedDisk, notificationOf, NOW, storm } from '../support/kit/sample-alerts.ts';

/** Their first line is made by the service from what it is sent, or by a template of the user's. */
const WITHOUT_TITLE: readonly Channel[] = ['alertmanager'];
const TITLED = CHANNELS.filter((channel) => !WITHOUT_TITLE.includes(channel));
/** They get one event for each alert, so a group has no first line. */
const GROUPED = TITLED.filter((channel) => channel !== 'pagerduty');
/** For people; the others are for programs. */
const READ = ['slack', 'teams', 'email', 'console'] as const;

const kind = (name: ChangeKind) => ({ change: { id: '0'.repeat(32), kind: name } });

async function firstLine(channel: Channel, notification: Notification): Promise<string> {
  const { first } = await RENDER[channel](notification);
  expect(new Set(first).size).toBe(1);
  return first[0] ?? '';
}

describe.each(GROUPED)('the first line in %s', (channel) => {
  it('M-001, M-002: names what has changed, then counts', async () => {
    const titles = [
      notificationOf([diskAlert('web1')], { reason: 'first' }),
      notificationOf([diskAlert('web2')], { unchanged: 1 }),
      notificationOf([endedDisk('web2')], { unchanged: 1, reason: 'some_resolved' }),
      notificationOf([diskAlert('web3'), diskAlert('web4'), endedDisk('web1')]),
      notificationOf([endedDisk('web3'), endedDisk('web4')], { reason: 'all_resolved' }),
    ].map((notification) => firstLine(channel, notification));
    expect(await Promise.all(titles)).toEqual([
      '🔴 CRITICAL: Disk /var on web1 is 97 % full (limit 95 %)',
      '🔴 CRITICAL: Disk /var on web2 is 97 % full (limit 95 %) – 2 firing',
      '✅ RESOLVED after 2 min, was “Disk /var on web2 is 97 % full”, now 62 % – 1 firing, 1 resolved',
      '🔴 CRITICAL: Disk /var on web3 is 97 % full (limit 95 %) and 1 more – 2 firing, 1 resolved',
      '✅ RESOLVED after 2 min, was “Disk /var on web3 is 97 % full”, now 62 % and 1 more – 2 resolved',
    ]);
  });
});

describe.each(TITLED)('the first line in %s', (channel) => {
  it('M-003: says in which direction a level has changed', async () => {
    const level = { summary: 'Disk /var on web1 is 91 % full', value: 91, threshold: 85, level: 'warning' } as const;
    const line = (...changes: Partial<AlertView>[]) =>
      firstLine(
        channel,
        notificationOf([
          diskAlert(
            'web1',
            changes.reduce((all, each) => ({ ...all, ...each }), {}),
          ),
        ]),
      );
    expect(await line(level, kind('better'), { previousLevel: 'critical' })).toBe(
      '🟠 WARNING, was CRITICAL: Disk /var on web1 is 91 % full (limit 85 %)',
    );
    expect(await line(kind('worse'), { previousLevel: 'warning' })).toBe(
      '🔴 CRITICAL, was WARNING: Disk /var on web1 is 97 % full (limit 95 %)',
    );
    expect(await line(kind('flapping'))).toContain('🔴 CRITICAL, FLAPPING: Disk /var');
    expect(await line(kind('calm'))).toContain('🔴 CRITICAL, NO LONGER FLAPPING: Disk /var');
  });

  it('M-001: says that a repeat, an escalation and a late end are what they are', async () => {
    const repeat = diskAlert('web1', { ...kind('repeat'), startsAt: NOW - 7_800_000 });
    expect(await firstLine(channel, notificationOf([repeat], { reason: 'repeat', reminder: 3 }))).toBe(
      '🔁 STILL CRITICAL: Disk /var on web1 is 97 % full (limit 95 %), 3rd reminder, 2 h 10 min',
    );
    expect(await firstLine(channel, notificationOf([diskAlert('web1')], { reason: 'escalation' }))).toBe(
      '🔴 ESCALATED CRITICAL: Disk /var on web1 is 97 % full (limit 95 %), for 2 min',
    );
    if (channel === 'pagerduty') return;
    expect(await firstLine(channel, notificationOf([endedDisk('web1', kind('missed'))], { reason: 'late' }))).toBe(
      '✅ FIRED AND RESOLVED after 2 min, was “Disk /var on web1 is 97 % full”, now 62 %',
    );
  });

  it('M-017, M-019: keeps unit and digits: a value beyond its limit does not look equal to it', async () => {
    const alert = diskAlert('web1', { value: 90.0000001, threshold: 90, firedValue: 90.0000001, summary: 'Too full' });
    expect(await firstLine(channel, notificationOf([alert]))).toBe('🔴 CRITICAL: Too full: 90.0000001 % (limit 90 %)');
  });

  it('M-018: keeps value and counts, however long tags and summary are', async () => {
    const path = `/very${'/long'.repeat(800)}`;
    const tagged = diskAlert('web1', { tags: { host: 'web1', path }, summary: `Disk ${path} on web1 is 97 % full` });
    const line = await firstLine(channel, notificationOf([tagged]));
    expect(line).toMatch(/^🔴 CRITICAL: Disk \/very\/long.{0,40}… on web1 is 97 % full \(limit 95 %\)$/);
    const wordy = diskAlert('web1', { summary: 'word '.repeat(800) });
    const cut = await firstLine(channel, notificationOf([wordy]));
    expect(cut).toMatch(/^🔴 CRITICAL: word .*…: 97 % \(limit 95 %\)$/);
  });

  it('M-007: says for missing data that nothing comes, for how long, and what came last', async () => {
    const silent = diskAlert('web1', {
      detail: 'no_data',
      silentSince: NOW - 1_200_000,
      firedValue: undefined,
      value: 62,
      summary: 'No data from disk_space on web1 (path=/var)',
    });
    expect(await firstLine(channel, notificationOf([silent]))).toBe(
      '🔴 CRITICAL: No data from disk_space on web1 (path=/var) for 20 min, last value 62 %',
    );
    const heartbeat = { ...silent, value: 1, unit: '', threshold: undefined, summary: 'No backup of web1' };
    expect(await firstLine(channel, notificationOf([heartbeat]))).toBe('🔴 CRITICAL: No backup of web1 for 20 min');
  });
});

describe.each(READ)('a message in %s', (channel) => {
  it('M-004: marks each alert of a group as firing or resolved, in words', async () => {
    const { text } = await RENDER[channel](notificationOf([diskAlert('web1'), endedDisk('web2'), endedDisk('web3')]));
    const about = (host: string) =>
      text
        .split('\n')
        .join(' ')
        .match(new RegExp(`(🔴|✅)[^🔴✅]*?${host} /var`, 'g'))
        ?.at(0);
    expect(about('web1')).toMatch(/^🔴.*CRITICAL/);
    expect(about('web2')).toMatch(/^✅.*RESOLVED after 2 min/);
    expect(about('web3')).toMatch(/^✅.*RESOLVED after 2 min/);
  });

  it('M-005: tells the value now from the value when it fired, and claims nothing that is over', async () => {
    const { text } = await RENDER[channel](notificationOf([endedDisk('web1')]));
    expect(text.replaceAll(/[*\n]+/g, ' ')).toMatch(/Now:? +62 %/);
    expect(text.replaceAll(/[*\n]+/g, ' ')).toMatch(/Fired at:? +97 % \(limit 95 %\)/);
    for (const [before] of text.matchAll(/.{9}Disk \/var on web1 is 97 % full/g))
      expect(before).toMatch(/was “|esolved: /);
  });

  it('M-005: calls a value that is not of now by another name', async () => {
    const late = await RENDER[channel](notificationOf([endedDisk('web1', { endsAt: NOW - 3_600_000 })]));
    expect(late.text).not.toMatch(/\bnow\b/i);
    expect(late.text).toContain('at the end 62 %');
    const gone = await RENDER[channel](notificationOf([endedDisk('web1', { detail: 'series_gone', value: 97 })]));
    expect(gone.text).toContain('last value 97 %');
    expect(gone.text).toContain('no longer reported');
    expect(gone.text).not.toMatch(/\bnow\b/i);
  });

  it('M-007: has for missing data since when nothing came, and no value of now', async () => {
    const silent = diskAlert('web1', {
      detail: 'no_data',
      silentSince: NOW - 1_200_000,
      firedValue: undefined,
      value: 62,
    });
    const { text } = await RENDER[channel](notificationOf([silent]));
    const flat = text.replaceAll(/[*\n]+/g, ' ');
    expect(flat).toMatch(/Nothing since:? +2026-09-21 13:53:20 UTC \(20 min ago\)/);
    expect(flat).toMatch(/Last value:? +62 %/);
    expect(flat).not.toMatch(/\bValue:? +/);
  });

  it('M-006, M-021: shows what the input knows, and says what could not be captured', async () => {
    const context = [
      { kind: 'top_cpu', title: 'Top processes by CPU', columns: [], rows: [], note: 'not captured in time' },
      {
        kind: 'source',
        title: 'Container api',
        columns: ['What', 'Value'],
        rows: [['Exit code', '137 (SIGKILL), out of memory']],
      },
      { kind: 'source', title: 'Last lines of its log', columns: ['Line'], rows: [['panic: no space left']] },
    ] as const;
    const { text } = await RENDER[channel](notificationOf([diskAlert('web1', { context })]));
    expect(text).toContain('Top processes by CPU: not captured in time'.split(': ').at(channel === 'email' ? 1 : 0));
    for (const part of ['Exit code', '137 (SIGKILL), out of memory', 'panic: no space left'])
      expect(text).toContain(part);
  });

  it('M-010, M-011, M-013: has a line for each of 14 alerts, then details of three', async () => {
    const { text } = await RENDER[channel](storm(14));
    const flat = text.replaceAll(/[*\n]+/g, ' ');
    for (let host = 1; host <= 14; host += 1) {
      expect(flat).toMatch(new RegExp(`CRITICAL.{0,90}web${String(host).padStart(2, '0')} /var.{0,90}97 %`));
    }
    expect(flat.match(/healthd ack [0-9a-f]{16}/g)?.length).toBe(channel === 'email' ? 6 : 3);
  });

  it('M-016: shows times in the configured zone', async () => {
    const { text } = await RENDER[channel](notificationOf([diskAlert('web1')], { timeZone: 'Europe/Berlin' }));
    expect(text).toContain('2026-09-21 16:11:20 CEST (2 min ago)');
    expect(text).not.toContain('UTC');
  });

  it('M-022: carries the id for healthd ack, and links only if there is a page', async () => {
    const alone = await RENDER[channel](notificationOf([diskAlert('web1', { runbook: undefined })]));
    expect(alone.text).toContain('healthd ack 659a7fb2af476fae');
    expect(alone.payload).not.toMatch(/<?https:\/\/|href=/);
    const linked = await RENDER[channel](storm(1));
    expect(linked.payload).toMatch(/https:\/\/healthd\.example\.org\/alerts\/[0-9a-f]{16}/);
    expect(linked.payload).toContain('https://wiki.example.org/disks');
    // A mail has them twice, and escapes an ampersand in HTML.
    const opens = (name: string) => expect.stringMatching(`/alerts/[0-9a-f]{16}\\?do=${name}\\b`);
    expect(linked.payload).toEqual(opens('ack'));
    expect(linked.payload).toEqual(opens('silence&(?:amp;)*for=1h'));
    const [alert] = storm(1).alerts;
    const ack = { by: 'mk', comment: '', at: 0 };
    const isOver = { status: 'resolved', endsAt: NOW } as const;
    expect((await RENDER[channel](notificationOf([{ ...alert!, ack }]))).payload).not.toEqual(opens('ack'));
    expect((await RENDER[channel](notificationOf([{ ...alert!, ...isOver }]))).payload).not.toMatch(/do=/);
    const group = await RENDER[channel](storm(14));
    for (const { fingerprint } of storm(14).alerts) expect(group.text).toContain(fingerprint.slice(0, 8));
  });
});

describe.each(['pagerduty', 'alertmanager', 'webhook', 'exec'] as const)('what %s gets for programs', (channel) => {
  it('M-022: has the id of the alert and its page', async () => {
    const notification = storm(1);
    const { text } = await RENDER[channel](notification);
    expect(text).toContain(`https://healthd.example.org/alerts/${notification.alerts[0]?.fingerprint}`);
    expect(text).toContain(notification.alerts[0]?.fingerprint);
  });

  it('M-006: has what the input knows', async () => {
    const context = [
      { kind: 'source', title: 'Container api', columns: ['What', 'Value'], rows: [['Exit code', '137']] },
    ] as const;
    const { text } = await RENDER[channel](notificationOf([diskAlert('web1', { context })]));
    expect(text).toMatch(/Exit code\s+137/);
  });
});

describe.each(['alertmanager', 'webhook'] as const)('what %s gets', (channel) => {
  it('M-004, M-005: has an end, and both values by name', async () => {
    const { text } = await RENDER[channel](notificationOf([endedDisk('web1')]));
    expect(text).toMatch(/value\n62 %/);
    expect(text).toMatch(/fired_value\n97 %/);
    expect(text).toMatch(/endsAt\n2026-09-21T14:13:20.000Z/);
  });

  it('M-007: has for missing data since when nothing came', async () => {
    const silent = diskAlert('web1', {
      detail: 'no_data',
      silentSince: NOW - 1_200_000,
      firedValue: undefined,
      value: 62,
    });
    const { text } = await RENDER[channel](notificationOf([silent]));
    expect(text).toMatch(/silent_since\n2026-09-21T13:53:20.000Z/);
    expect(text).toMatch(/detail\nno_data/);
  });
});

it('M-020: the sparkline of a constant value is flat, and that of a nearly constant one almost', async () => {
  const { sparkline } = await import('../../src/plugin/index.ts');
  const trend = (values: readonly (number | null)[]) => ({ since: 0, until: 3_600_000, values });
  expect(sparkline(trend([100, 100, 100]), 'percent')).toBe('▅▅▅');
  expect(new Set(sparkline(trend([99.6, 100, 99.8]), 'percent')).size).toBeLessThanOrEqual(2);
  expect(sparkline(trend([0, 50, null, 100]), 'percent')).toBe('▁▅·█');
});
