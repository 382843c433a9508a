/** Why somebody was, or was not, notified of an alert. */
import { expect, test } from '@jest/globals';

import type { Receiver } from '../../src/alerts/notify/receiver.ts';
import { stepOf } from '../../src/alerts/why/steps.ts';
import { whyAnswer, type Said, type WhyAnswer } from '../../src/api/why.ts';
import { whyLines } from '../../src/commands/alerts/why-text.ts';
import { PermanentError } from '../../src/plugin/index.ts';

import { Kit, MINUTE, NOON, SECOND } from './audience/audience-kit.ts';

function text(said: Said): string {
  return said
    .map((piece) => (typeof piece === 'number' ? new Date(piece).toISOString().slice(11, 19) : piece))
    .join('');
}

/** As the API answers it. */
function ask(kit: Kit, fingerprint: string): WhyAnswer {
  return whyAnswer.parse(kit.notifications.why(fingerprint, undefined, 200));
}

function says(kit: Kit, fingerprint: string): string {
  return text(ask(kit, fingerprint).says);
}

/** Its notifiers do what the test says. */
class OtherKit extends Kit {
  override receivers(given: readonly string[]): readonly Receiver[] {
    return super.receivers(given).map((receiver) => ({ ...receiver, ...OtherKit.next }));
  }

  static next: Partial<Receiver> = {};

  static of(next: Partial<Receiver>, config: unknown = {}): Kit {
    OtherKit.next = next;
    return new OtherKit({ config });
  }
}

const AT_ONCE = { route: { group_by: ['...'], group_wait: '0s', group_interval: '1s' } };

test('one that waits for others of its group says until when, then who knows of it and what comes next', async () => {
  const kit = new Kit();
  const id = await kit.fire('warning');
  expect(says(kit, id)).toBe('Nobody is notified yet: ops: it waits for others of its group until 12:00:15.');
  await kit.pass(20 * SECOND);
  expect(says(kit, id)).toBe('Notified on ops at 12:00:15; resolved is due when it ends.');
  const { receivers, steps } = ask(kit, id);
  expect(receivers.map(({ name, state, why }) => [name, state, text(why)])).toEqual([
    ['ops', 'notified', 'repeated at 12:00:15'],
  ]);
  expect(steps.map(({ title }) => title)).toEqual(['A message to ops', 'ops took it: firing']);
});

test('each alert of a message has it in its story, with what was said of it', async () => {
  const kit = new Kit();
  const [one, two] = [await kit.fire('warning', { rule: 'a' }), await kit.fire('warning', { rule: 'b' })];
  await kit.pass(MINUTE);
  expect(kit.sent.map(({ alerts }) => alerts.length)).toEqual([2]);
  for (const id of [one, two])
    expect(ask(kit, id).steps.map(({ attempt }) => attempt)).toEqual([
      undefined,
      { kind: 'fired', outcome: 'accepted' },
    ]);
});

test('after a failed attempt it says what was answered, and when the next one is', async () => {
  const kit = OtherKit.of({ notifier: { notify: () => Promise.reject(new Error('connect ECONNREFUSED')) } }, AT_ONCE);
  const id = await kit.fire('critical');
  expect(says(kit, id)).toMatch(
    /^Nobody is notified yet: ops: the last attempt failed \(connect ECONNREFUSED\); next attempt at 12:00:0\d\.$/,
  );
  expect(ask(kit, id).receivers).toMatchObject([{ state: 'failing' }]);
  const refused = OtherKit.of(
    { notifier: { notify: () => Promise.reject(new PermanentError('no such channel')) } },
    AT_ONCE,
  );
  const other = await refused.fire('critical');
  await refused.pass(MINUTE);
  expect(says(refused, other)).toMatch(/the last attempt failed \(no such channel\); next attempt at 12:0\d:\d\d\.$/);
});

test('what the rate of a receiver holds up says so, and what is in a digest when that comes', async () => {
  const slow = OtherKit.of({ rate: { perSecond: 1 / 60, burst: 1 } }, AT_ONCE);
  await slow.fire('critical', { rule: 'first' });
  const second = await slow.fire('critical', { rule: 'second' });
  expect(says(slow, second)).toBe(
    'Nobody is notified yet: ops: it waits for its turn, at the maximum rate of this receiver, until 12:01:00.',
  );
  const storm = OtherKit.of({}, AT_ONCE);
  for (let count = 0; count < 20; count += 1) await storm.fire('critical', { rule: `rule${count}` });
  const late = await storm.fire('critical', { rule: 'late' });
  expect(says(storm, late)).toBe(
    'Nobody is notified yet: ops: alerts of too many groups fire, so it is in the next digest, at 12:00:05.',
  );
  await storm.pass(10 * SECOND);
  expect(says(storm, late)).toBe('Notified on ops at 12:00:05; resolved is due when it ends.');
});

test('a silence is named with who made it, until when, and why; so is who has acknowledged it', async () => {
  const kit = new Kit({ config: AT_ONCE });
  const silence = { match: { rule: 'cpu' }, until: NOON + 3_600_000, comment: 'new fans', by: 'mk' };
  const { id: silenceId } = kit.notifications.addSilence(silence);
  const id = await kit.fire('critical', { rule: 'cpu' });
  expect(says(kit, id)).toBe(`Nobody is notified: silenced by mk until 13:00:00: new fans (${silenceId}).`);
  expect(ask(kit, id).steps.map(({ title, why }) => `${title}. ${text(why)}`)).toEqual([
    `Silence ${silenceId} made by mk. Until 13:00:00: new fans`,
    `ops is not notified. Silenced by mk until 13:00:00: new fans (${silenceId})`,
  ]);
  kit.notifications.expireSilence(silenceId, 'mk');
  await kit.pass(SECOND);
  kit.notifications.acknowledge({ fingerprint: id, by: 'ana', comment: '' });
  expect(says(kit, id)).toBe('Notified on ops at 12:00:01; resolved is due when it ends. ana has acknowledged it.');
  expect(text(ask(kit, id).receivers[0]!.why)).toBe('no repeats, since it is acknowledged');
});

test('without a notifier, and without a route, it says that', async () => {
  const none = new Kit({ config: AT_ONCE, receivers: [] });
  const id = await none.fire('critical');
  expect(ask(none, id).receivers).toEqual([]);
  expect(says(none, id)).toBe('Nobody is notified: there is no notifier.');
  const kit = new Kit({ config: { route: { notify: [] } } });
  expect(says(kit, await kit.fire('critical'))).toBe('Nobody is notified: no route leads to a notifier.');
});

test('one that has ended says who got what and when; one of which nobody heard, that nobody did', async () => {
  const kit = new Kit({ config: AT_ONCE });
  const id = await kit.fire('critical');
  await kit.pass(MINUTE);
  await kit.resolve();
  await kit.pass(MINUTE);
  expect(says(kit, id)).toMatch(/^It has ended\. ops got firing at 12:00:00 and resolved at 12:01:\d\d\.$/);
  kit.notifications.addSilence({ match: { rule: 'quiet' }, until: NOON + 3_600_000, comment: '', by: 'mk' });
  const quiet = await kit.fire('critical', { rule: 'quiet' });
  await kit.resolve({ rule: 'quiet' });
  await kit.pass(MINUTE);
  expect(says(kit, quiet)).toBe('It has ended; nobody was notified of it, so nobody gets a resolved notification.');
  expect(kit.notifications.why('0123456789abcdef', undefined, 200)).toBeUndefined();
});

test('texts from outside are cut, and cannot write to the terminal', () => {
  const hop = { role: 'agent', name: 'a' } as const;
  const options = { hop, fingerprint: 'f', mute: (reason: string) => [reason] };
  const evil = `\u001b[2J\nforged ${'x'.repeat(10_000)}`;
  const step = stepOf({ at: 1, kind: 'attempt', reason: 'failed', receiver: evil, detail: { error: evil } }, options);
  expect(text(step.why).length).toBeLessThanOrEqual(500);
  const answer: WhyAnswer = {
    ...{ now: 2, hop, owner: hop, fingerprint: 'f', rule: evil, host: evil, summary: evil, state: 'ended' },
    ...{ receivers: [], steps: [step], hasEarlier: false, says: [evil] },
  };
  const lines = whyLines(answer, 10);
  expect(lines.join('\n')).not.toMatch(/\u001b/);
  expect(lines.filter((line) => line.startsWith('forged'))).toEqual([]);
});

test('names at the beginning of a summary keep their case', () => {
  const options = { hop: { role: 'hub', name: 'h1' } as const, fingerprint: 'f', mute: (reason: string) => [reason] };
  const detail = { level: 'critical', summary: 'web2 is down', value: 1 };
  expect(text(stepOf({ at: 1, kind: 'transition', reason: 'fired', detail }, options).why)).toBe('web2 is down; 1');
  const resolved = { ...detail, detail: 'series_gone' };
  expect(text(stepOf({ at: 1, kind: 'transition', reason: 'resolved', detail: resolved }, options).why)).toBe(
    'Series gone',
  );
});

test('odd entries of an audit log that was edited are steps all the same', () => {
  const options = { hop: { role: 'agent', name: 'a' } as const, fingerprint: 'f', mute: (reason: string) => [reason] };
  const details = [undefined, {}, { kinds: 'x', value: 'x', threshold: NaN, ms: '1', from: 3, until: {} }];
  for (const kind of [
    'transition',
    'notification',
    'suppressed',
    'attempt',
    'handover',
    'silence',
    'ack',
    'agent',
  ] as const)
    for (const reason of ['fired', 'agent_', 'agent_delivered', 'made', 'delivered', 'x_y', ''])
      for (const detail of details) {
        const step = stepOf({ at: 1, kind, reason, fingerprint: 'f', ...(detail && { detail }) }, options);
        expect(typeof step.title).toBe('string');
      }
});
