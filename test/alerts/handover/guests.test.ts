/** Alerts of agents at the hub: what it takes, how it keeps them apart, and when they end. */
import { describe, expect, test } from '@jest/globals';

import { Silences } from '../../../src/alerts/audience/silences.ts';
import { Desk } from '../../../src/alerts/handover/desk.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import { alertsMessage, MOST_BODIES, type AlertsMessage } from '../../../src/api/hub-alerts.ts';
import type { Notification } from '../../../src/plugin/notification.ts';
import { Kit, routingOf, settableClock, settle, viewOf } from '../notify/notify-kit.ts';

const WEB1 = { id: 'h1', name: 'web1', tags: { role: 'web' } };
const WEB2 = { id: 'h2', name: 'web2', tags: { role: 'web' } };

class HubScene {
  readonly clock = settableClock();
  readonly store = memoryAlertStore();
  readonly heard: Notification[] = [];
  kit: Kit;

  constructor(route: unknown = { group_by: ['...'], group_wait: '0s' }, hasReceiver = true) {
    const receivers = hasReceiver ? [this.#receiver()] : [];
    this.kit = new Kit({ routing: routingOf({ route }, receivers), receivers, store: this.store, clock: this.clock });
    this.kit.start();
  }

  #receiver() {
    return {
      name: 'team',
      address: { kind: 'fake', target: 'team' },
      timeout: 1000,
      rate: { perSecond: 1000, burst: 1000 },
      notifier: {
        notify: (notification: Notification) => {
          this.heard.push(notification);
          return Promise.resolve();
        },
      },
    };
  }

  get guests() {
    return this.kit.notifications.guests;
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advance(1000);
      await settle();
      this.kit.notifications.tick();
      await settle();
    }
  }

  /** As `fired 0123 web1`. */
  get words(): readonly string[] {
    return this.heard.flatMap(({ alerts }) =>
      alerts.map(({ change, fingerprint }) => `${change?.kind ?? ''} ${fingerprint}`),
    );
  }
}

function handed(fingerprint: string, more: Readonly<Record<string, unknown>> = {}, view: object = {}) {
  return {
    episode: `episode-of-${fingerprint}`,
    digest: 'd1',
    status: 'firing',
    view: { ...viewOf(fingerprint, { level: 'warning', startsAt: 1, isQuiet: false }), ...view },
    isQuiet: false,
    ageMs: 0,
    isDelivered: false,
    told: [],
    ...more,
  };
}

function ended(fingerprint: string, more: Readonly<Record<string, unknown>> = {}) {
  return handed(fingerprint, { status: 'ended', digest: 'd2', ...more }, { status: 'resolved', endsAt: 2 });
}

/** As it comes through the network. */
function message(...alerts: readonly ReturnType<typeof handed>[]): AlertsMessage {
  const open = alerts
    .filter(({ status }) => status === 'firing')
    .map(({ view, digest }) => ({ fingerprint: view.fingerprint, digest }));
  return alertsMessage.parse(JSON.parse(JSON.stringify({ seq: 1, open, alerts, acks: [], version: null })));
}

describe('alerts of agents at the hub', () => {
  test('are notified, listed with the labels of their host, and end', async () => {
    const scene = new HubScene();
    scene.guests.take(WEB1, message(handed('0a')));
    await scene.pass(1000);
    expect(scene.kit.notifications.handedIn()).toMatchObject([
      { view: { labels: { role: 'web' } }, origin: WEB1.name && { host: 'h1', name: 'web1' } },
    ]);
    scene.guests.take(WEB1, message(ended('0a')));
    await scene.pass(20_000);
    expect(scene.words).toEqual(['fired 0a', 'ended 0a']);
    expect(scene.kit.notifications.handedIn()).toEqual([]);
  });

  test('that come twice are taken once, also their ends', async () => {
    const scene = new HubScene();
    for (let count = 0; count < 3; count += 1) scene.guests.take(WEB1, message(handed('0a')));
    await scene.pass(1000);
    for (let count = 0; count < 3; count += 1) {
      scene.guests.take(WEB1, message(ended('0a')));
      await scene.pass(20_000);
    }
    expect(scene.words).toEqual(['fired 0a', 'ended 0a']);
  });

  test('that have come and gone before the hub heard of them are told once, late', async () => {
    const scene = new HubScene();
    for (let count = 0; count < 2; count += 1) {
      scene.guests.take(WEB1, message(ended('0a')));
      await scene.pass(20_000);
    }
    scene.guests.take(WEB1, message());
    await scene.pass(20_000);
    expect(scene.words).toEqual(['missed 0a']);
  });

  test('that the host does not list any more have ended', async () => {
    const scene = new HubScene();
    scene.guests.take(WEB1, message(handed('0a')));
    await scene.pass(1000);
    scene.guests.take(WEB1, message());
    await scene.pass(20_000);
    expect(scene.words).toEqual(['fired 0a', 'ended 0a']);
    expect(scene.heard[1]?.alerts[0]?.detail).toBe('not reported any more');
  });

  test('AL-050: of a forgotten host end with that reason, and those of others stay', async () => {
    const scene = new HubScene();
    scene.guests.take(WEB1, message(handed('0a')));
    scene.guests.take(WEB2, message(handed('0b')));
    await scene.pass(1000);
    scene.guests.forget('h1', 'host_forgotten');
    await scene.pass(20_000);
    expect(scene.words.slice(2)).toEqual(['ended 0a']);
    expect(scene.heard[2]?.alerts[0]?.detail).toBe('host_forgotten');
    expect(scene.kit.notifications.handedIn().map(({ fingerprint }) => fingerprint)).toEqual(['0b']);
  });

  test('with the same id at two hosts are two alerts', async () => {
    const scene = new HubScene();
    scene.guests.take(WEB1, message(handed('0a')));
    scene.guests.take(WEB2, message(handed('0a')));
    scene.guests.take(WEB2, message(handed('0a')));
    await scene.pass(1000);
    const [, other = ''] = scene.kit.notifications.handedIn().map(({ fingerprint }) => fingerprint);
    expect(scene.words).toEqual(['fired 0a', `fired ${other}`]);
    scene.guests.take(WEB1, message());
    await scene.pass(20_000);
    expect(scene.words.slice(2)).toEqual(['ended 0a']);
    scene.guests.take(WEB2, message(ended('0a')));
    await scene.pass(20_000);
    expect(scene.words.slice(3)).toEqual([`ended ${other}`]);
  });

  test('give way to an alert of the hub itself with their id, and come again with another one', async () => {
    const scene = new HubScene();
    scene.guests.take(WEB1, message(handed('0a')));
    await scene.pass(1000);
    scene.kit.set('0a', 'critical');
    expect(scene.guests.take(WEB1, { ...message(handed('0a')), alerts: [] }).missing).toEqual(['0a']);
    scene.guests.take(WEB1, message(handed('0a')));
    await scene.pass(1000);
    expect(scene.kit.notifications.handedIn()).toHaveLength(1);
    expect(scene.kit.notifications.handedIn()[0]?.fingerprint).not.toBe('0a');
    scene.guests.take(WEB1, message());
    await scene.pass(20_000);
    expect(scene.kit.notifications.current('0a')).toMatchObject({ level: 'critical' });
    scene.kit.set('0a', 'ok');
    await scene.pass(20_000);
    expect(scene.words.filter((word) => word === 'ended 0a')).toHaveLength(1);
  });

  test('survive a restart of the hub', async () => {
    const scene = new HubScene();
    scene.guests.take(WEB1, message(handed('0a')));
    await scene.pass(1000);
    const after = new HubScene();
    const kit = new Kit({ routing: routingOf({}, ['team']), receivers: [], store: scene.store, clock: scene.clock });
    kit.start();
    expect(after.heard).toEqual([]);
    expect(kit.notifications.handedIn().map(({ fingerprint }) => fingerprint)).toEqual(['0a']);
    expect(kit.notifications.guests.take(WEB1, { ...message(handed('0a')), alerts: [] }).missing).toEqual([]);
    kit.notifications.guests.retain(() => false);
    expect(kit.notifications.handedIn()).toEqual([]);
  });

  test('of which the agent notifies, and those silenced there, are not notified', async () => {
    const scene = new HubScene();
    scene.guests.take(WEB1, message(handed('0a', { isDelivered: true }), handed('0b', { held: 'silenced by x' })));
    await scene.pass(5000);
    expect(scene.words).toEqual([]);
    const [a, b] = scene.kit.notifications.handedIn().map(({ view }) => scene.kit.notifications.suppressions(view));
    expect([a, b]).toEqual([['the agent of web1 notifies'], ['silenced by x']]);
    scene.guests.take(WEB1, message(handed('0a', { isDelivered: true }), handed('0b')));
    await scene.pass(5000);
    expect(scene.words).toEqual(['fired 0b']);
  });

  test('are ended by hand at once, their agent learns it, and one that got worse meanwhile goes on', async () => {
    const scene = new HubScene();
    const { notifications } = scene.kit;
    scene.guests.take(WEB1, message(handed('0a'), handed('0b')));
    await scene.pass(1000);
    const before = scene.guests.version(WEB1);
    for (const key of ['0a', '0b', 'none']) notifications.guests.resolve(key, 'ana', 'gone for good');
    await scene.pass(20_000);
    expect(scene.words).toEqual(['fired 0a', 'fired 0b', 'ended 0a', 'ended 0b']);
    expect(scene.heard.at(-1)?.alerts[0]?.detail).toBe('by hand: ana');
    expect(notifications.handedIn()).toEqual([]);
    expect(scene.guests.version(WEB1)).not.toBe(before);
    const worse = handed('0b', { digest: 'd3' }, { level: 'critical' });
    for (let count = 0; count < 2; count += 1) {
      const answer = scene.guests.take(WEB1, { ...message(handed('0a'), worse), alerts: message(worse).alerts });
      expect(answer).toMatchObject({
        missing: [],
        resolutions: [{ fingerprint: '0a', episode: 'episode-of-0a', level: 'warning', by: 'ana' }],
      });
      await scene.pass(20_000);
    }
    expect(scene.words.slice(4)).toEqual(['fired 0b']);
    const kit = new Kit({ routing: routingOf({}, ['team']), receivers: [], store: scene.store, clock: scene.clock });
    kit.start();
    const { guests } = kit.notifications;
    expect(guests.take(WEB1, { ...message(handed('0a')), alerts: [] }).resolutions).toHaveLength(1);
    expect(guests.take(WEB1, message()).resolutions).toEqual([]);
    expect(guests.take(WEB1, message(handed('0a', { episode: 'next' }))).resolutions).toEqual([]);
    expect(kit.notifications.handedIn().map(({ fingerprint }) => fingerprint)).toEqual(['0a']);
  });

  test('are not taken over by a hub without receivers', () => {
    expect(new HubScene({}, false).guests.take(WEB1, message(handed('0a'))).delivers).toBe(false);
    expect(new HubScene().guests.take(WEB1, message(handed('0a'))).delivers).toBe(true);
  });
});

describe('a message', () => {
  test('with texts that are too long is cut, and with too much else refused', () => {
    const long = message(
      handed(
        '0a',
        {},
        {
          summary: 'x'.repeat(5000),
          tags: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`t${index}`, 'v'.repeat(1000)])),
        },
      ),
    );
    const [alert] = long.alerts;
    expect(alert?.view.summary).toHaveLength(1000);
    expect(Object.entries(alert?.view.tags ?? {})).toHaveLength(60);
    expect(alert?.view.tags['t0']).toHaveLength(255);
    const many = Array.from({ length: MOST_BODIES + 1 }, (_, index) => handed(`a${index}`));
    expect(() => message(...many)).toThrow();
    expect(() => message(handed('not an id'))).toThrow();
    expect(() => message(handed('0a', { ageMs: -1 }))).toThrow();
  });
});

describe('a desk without a hub', () => {
  test('holds nothing back', async () => {
    const clock = settableClock();
    const heard: string[] = [];
    const receiver = {
      name: 'own',
      address: { kind: 'fake', target: 'own' },
      timeout: 1000,
      rate: { perSecond: 1000, burst: 1000 },
      notifier: {
        notify: ({ alerts }: Notification) => {
          heard.push(...alerts.map(({ fingerprint }) => fingerprint));
          return Promise.resolve();
        },
      },
    };
    const desk = new Desk(clock);
    const kit = new Kit({
      routing: routingOf({ route: { group_wait: '0s' } }, [receiver]),
      receivers: [receiver],
      clock,
      desk,
    });
    kit.start();
    kit.set('0a', 'critical');
    await settle();
    expect(heard).toEqual(['0a']);
    // A hub that cannot be reached, and one that refuses the host.
    const line = desk.open({ name: 'hub', order: () => 0, deliverAfterMs: 60_000, onNews: () => undefined });
    kit.set('0b', 'critical');
    await settle();
    expect(heard).toEqual(['0a']);
    line.unavailable();
    await settle();
    expect(heard).toEqual(['0a', '0b']);
    line.began('h1', 'hub:8400');
    kit.set('0c', 'critical');
    await settle();
    expect(heard).toEqual(['0a', '0b']);
    line.close();
    await settle();
    expect(heard).toEqual(['0a', '0b', '0c']);
  });
});

describe('what people do', () => {
  const EVERY = (until: number, match: object) => ({ match: { ...match }, until, comment: 'work', by: 'ana' });

  test('silences of the hub reach a host that they may concern, with its tags', () => {
    const scene = new HubScene();
    const { notifications } = scene.kit;
    const before = scene.guests.version(WEB1);
    const until = scene.clock.now() + 60_000;
    notifications.addSilence(EVERY(until, { role: 'web' }));
    notifications.addSilence(EVERY(until, { host: 'db*' }));
    const version = scene.guests.version(WEB1);
    expect(version).not.toBe(before);
    const answer = scene.guests.take(WEB1, message());
    expect(answer).toMatchObject({ version, tags: { role: 'web' } });
    expect(answer.silences).toMatchObject([{ match: { role: 'web' }, leftMs: 60_000, by: 'ana' }]);
    expect(scene.guests.take(WEB1, { ...message(), version }).silences).toBeUndefined();
  });

  test('the agent obeys them, also after its restart, and cannot expire them', () => {
    const store = memoryAlertStore();
    const clock = settableClock();
    const silences = new Silences(store, clock);
    const ofHub = { id: 'a1', match: { role: 'web' }, fromMs: 0, leftMs: 60_000, comment: '', by: 'ana' };
    silences.setOfHub('hub', [ofHub], { role: 'web' });
    const after = new Silences(store, clock);
    for (const each of [silences, after]) {
      expect(each.find({ host: 'web1' }, clock.now())).toBe('hub-a1 by ana');
      expect(each.find({ host: 'web1', role: 'db' }, clock.now())).toBeUndefined();
      expect(each.findBut('hub', { host: 'web1' }, clock.now())).toBeUndefined();
      expect(() => each.expire('hub-a1', 'bob')).toThrow(/made at the hub/);
    }
    clock.advance(60_000);
    expect(after.find({ host: 'web1' }, clock.now())).toBeUndefined();
    after.setOfHub('hub', [], {});
    expect(new Silences(store, clock).list()).toEqual([]);
  });

  test('an acknowledgement of the agent holds at the hub, and one of the hub is told to the agent', () => {
    const scene = new HubScene();
    const { notifications } = scene.kit;
    const ack = { by: 'ana', comment: 'mine', level: 'warning' as const, ageMs: 0 };
    scene.guests.take(WEB1, { ...message(handed('0a')), acks: [{ fingerprint: '0a', rev: 1, ack }] });
    const ackOf = () => notifications.complete(notifications.current('0a')!).ack?.by;
    expect(ackOf()).toBe('ana');
    notifications.withdrawAck('0a', 'bob');
    const { acks } = scene.guests.take(WEB1, { ...message(handed('0a')), acks: [{ fingerprint: '0a', rev: 1, ack }] });
    expect(acks).toMatchObject([{ fingerprint: '0a', rev: 2, ack: null }]);
    expect(ackOf()).toBeUndefined();
    notifications.acknowledge({ fingerprint: '0a', by: 'bob', comment: '' });
    expect(scene.guests.take(WEB1, message(handed('0a'))).acks).toMatchObject([{ rev: 3, ack: { by: 'bob' } }]);
  });

  test('an acknowledgement at a lower level than the alert has by now is withdrawn', () => {
    const scene = new HubScene();
    const { notifications } = scene.kit;
    const ack = { by: 'ana', comment: '', level: 'warning' as const, ageMs: 0 };
    const worse = message(handed('0a', {}, { level: 'critical' }));
    const { acks } = scene.guests.take(WEB1, { ...worse, acks: [{ fingerprint: '0a', rev: 1, ack }] });
    expect(acks).toMatchObject([{ rev: 2, ack: null }]);
    expect(notifications.complete(notifications.current('0a')!).ack).toBeUndefined();
  });
});
