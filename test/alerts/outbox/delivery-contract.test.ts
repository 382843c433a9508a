/** Whatever happens on the way, short of a refusal: who was told that something fires is told that it is over. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { RetryableError, TargetError } from '../../../src/plugin/errors.ts';
import type { Notification, NotificationReason } from '../../../src/plugin/notification.ts';

import { alertView, fakeReceiver, MINUTE, notification, scene, SECOND, settle } from './outbox-kit.ts';

const GROUPS = ['g', 'h', 'i'];
const ERRORS: Record<string, () => Error> = {
  network: () => new RetryableError('x', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
  cut: () => Object.assign(new Error('cut'), { code: 'ECONNRESET' }),
  throttled: () => new RetryableError('429', { retryAfterMs: 20 * SECOND }),
  revoked: () => new TargetError('403'),
};

type Action =
  | { readonly do: 'fire' | 'change' | 'repeat' | 'resolve'; readonly group: string }
  | { readonly do: 'fail'; readonly error: string; readonly times: number }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'restart' };

const group = fc.constantFrom(...GROUPS);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('fire', 'change', 'repeat', 'resolve'), group }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      error: fc.constantFrom(...Object.keys(ERRORS)),
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), seconds: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
);

test('in the end each receiver knows how things stand, in the right order, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const chat = fakeReceiver();
      const accepted: Notification[] = [];
      let current = scene({ receivers: [watch(chat, accepted)] });
      const { store, clock } = current;
      current.outbox.start();
      const firing = new Set<string>();
      const last = new Map<string, Notification>();
      for (const one of actions) {
        if (one.do === 'fail') chat.answers.push(...Array.from({ length: one.times }, ERRORS[one.error]!));
        else if (one.do === 'wait') await current.advance(one.seconds * SECOND, 10 * SECOND);
        else if (one.do === 'restart') {
          await current.outbox.drain(AbortSignal.abort());
          current = scene({ receivers: [watch(chat, accepted)], store, clock });
          current.outbox.start();
          await settle();
        } else {
          const made = noteOf(one, firing, clock.now());
          if (made === undefined) continue;
          last.set(one.group, made);
          await current.send(made);
        }
      }
      chat.answers = [];
      await current.advance(40 * MINUTE, 10 * SECOND);
      expect(current.waiting()).toBe(0);
      for (const name of GROUPS) {
        const heard = accepted.filter(({ alerts }) => alerts.some(({ fingerprint }) => fingerprint === name));
        expect(heard.at(-1)?.status).toBe(last.get(name)?.status);
        expect(heard.map(({ time }) => time)).toEqual(heard.map(({ time }) => time).sort((a, b) => a - b));
      }
    }),
    { numRuns: 40 },
  );
});

/** Keeps what was accepted. */
function watch(receiver: ReturnType<typeof fakeReceiver>, accepted: Notification[]) {
  const { notify } = receiver.notifier;
  return {
    ...receiver,
    notifier: {
      async notify(given: Notification, signal: AbortSignal) {
        await notify(given, signal);
        accepted.push(given);
      },
    },
  };
}

/** What the dispatcher would make of it; nothing if there is nothing to tell. */
function noteOf(
  { do: what, group: groupKey }: { readonly do: 'fire' | 'change' | 'repeat' | 'resolve'; readonly group: string },
  firing: Set<string>,
  time: number,
): Notification | undefined {
  if ((what === 'fire') === firing.has(groupKey)) return undefined;
  if (what === 'fire') firing.add(groupKey);
  if (what === 'resolve') firing.delete(groupKey);
  const reasons: Record<typeof what, NotificationReason> = {
    fire: 'first',
    change: 'level_up',
    repeat: 'repeat',
    resolve: 'all_resolved',
  };
  const status = what === 'resolve' ? 'resolved' : 'firing';
  const level = what === 'change' ? 'critical' : 'warning';
  return notification({
    groupKey,
    time,
    status,
    level,
    reason: reasons[what],
    alerts: [alertView(groupKey, { status, level })],
  });
}
