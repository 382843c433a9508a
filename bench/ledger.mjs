/**
 * What notifications keep and cost with 10,000 open alerts and three receivers, over the store on disk.
 *
 *   npm run build && node --expose-gc bench/ledger.mjs
 *
 * Claims: what is kept about the alerts of the engine (facts, ledger, and the store's copy) takes at most 30 MB; a change of one
 * alert is planned and handed to three receivers within 10 ms.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadSource } from '../scripts/load-source.mjs';

import { claim, median } from './support/compare.mjs';

const { compileRouting, manualClock, Notifications, openAlertStore, routingSchema } =
  await loadSource('bench/support/alerts.ts');

const ALERTS = 10_000;
const HOSTS = 100;
const RECEIVERS = ['ops', 'team', 'oncall'];
const MB = 1e6;
const silent = { error() {}, warn() {}, info() {}, debug() {} };

const folder = mkdtempSync(join(tmpdir(), 'healthd-ledger-'));
const clock = manualClock(Date.parse('2030-12-04T12:00:00Z'));
const store = openAlertStore({ directory: folder, log: silent, onEntry: () => undefined, clock });
/** As the engine has them. */
const views = new Map();
let sent = 0;

try {
  await measure();
} finally {
  store.close();
  rmSync(folder, { recursive: true });
}

async function measure() {
  for (let index = 0; index < ALERTS; index += 1) views.set(`${index}`.padStart(16, '0'), viewOf(index));
  const notifications = createNotifications();
  notifications.start([]);
  const before = heap();
  for (const alert of views.values()) fire(notifications, alert);
  for (let minute = 0; minute < 600 && isWaiting(notifications); minute += 1) {
    clock.advance(60_000);
    notifications.tick();
    await settle();
  }
  if (isWaiting(notifications)) throw new Error('Not everything was sent');
  const kept = (heap() - before) / MB;
  console.log(`  ${ALERTS} alerts, ${RECEIVERS.length} receivers, ${sent} messages`);
  claim('30 MB / kept', 30 / kept, 1);

  const times = [];
  for (let index = 0; index < 200; index += 1) {
    clock.advance(180_000);
    notifications.tick();
    await settle();
    const [alert] = [...views.values()].slice(index * 7);
    const messages = sent;
    const start = performance.now();
    fire(notifications, { ...alert, level: 'critical', previousLevel: 'warning' });
    await settle();
    times.push(performance.now() - start);
    if (sent - messages !== RECEIVERS.length) throw new Error(`${sent - messages} messages about one change`);
  }
  times.sort((a, b) => a - b);
  console.log(`  one change: median ${median(times).toFixed(2)} ms, longest ${times.at(-1).toFixed(2)} ms`);
  claim('10 ms / 99th percentile of one change', 10 / times[Math.floor(times.length * 0.99)], 1);
}

function createNotifications() {
  const config = routingSchema.parse({ route: { group_interval: '1s', repeat: 'never' } });
  const { routing } = compileRouting(
    config,
    RECEIVERS.map((name) => ({ name })),
    () => undefined,
  );
  const receivers = RECEIVERS.map((name) => ({
    name,
    address: { kind: 'bench', target: name },
    timeout: 10_000,
    rate: { perSecond: 1e6, burst: 1e6 },
    most: 100,
    notifier: {
      notify() {
        sent += 1;
        return Promise.resolve();
      },
    },
  }));
  return new Notifications({
    routing,
    receivers,
    repeatOf: () => undefined,
    store,
    clock,
    random: () => 0.5,
    current: (fingerprint) => views.get(fingerprint),
    publicUrl: undefined,
    log: silent,
  });
}

function fire(notifications, alert) {
  views.set(alert.fingerprint, alert);
  store.transaction(() => {
    notifications.handle({ kind: 'fired', alert, at: clock.now(), quiet: undefined });
  });
}

function viewOf(index) {
  const host = `web${index % HOSTS}`;
  const path = `/srv/volume${index}`;
  return {
    fingerprint: `${index}`.padStart(16, '0'),
    rule: 'disk_space',
    host,
    status: 'firing',
    level: 'warning',
    previousLevel: 'ok',
    summary: `Disk ${path} on ${host} is 91 % full`,
    description: undefined,
    runbook: undefined,
    value: 91,
    unit: 'percent',
    threshold: 90,
    clear: 85,
    direction: 'above',
    startsAt: clock.now(),
    endsAt: undefined,
    tags: { host, path, device: `sd${index}`, fstype: 'ext4' },
    labels: { team: 'infra' },
    trend: undefined,
    context: [],
    ack: undefined,
    silenced: false,
    flapping: false,
    detail: undefined,
  };
}

function isWaiting(notifications) {
  return notifications.status().some(({ waiting }) => waiting > 0);
}

/** Lets every message be taken. */
async function settle() {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

function heap() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
