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

const { compileRouting, manualClock, memoryAlertStore, Notifications, openAlertStore, routingSchema } =
  await loadSource('bench/support/alerts.ts');

const ALERTS = 10_000;
const HOSTS = 100;
const RECEIVERS = ['ops', 'team', 'oncall'];
const MB = 1e6;
const silent = { error() {}, warn() {}, info() {}, debug() {} };

const clock = manualClock(Date.parse('2030-12-04T12:00:00Z'));
/** As the engine has them. */
const views = new Map();
let sent = 0;

await memory();
await planning();

async function memory() {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-ledger-'));
  const store = openAlertStore({ directory: folder, log: silent, onEntry: () => undefined, clock });
  try {
    for (let index = 0; index < ALERTS; index += 1) views.set(idOf(index), viewOf(index));
    const notifications = createNotifications(store);
    notifications.start([]);
    const before = heap();
    await fireAll(notifications, store);
    const kept = (heap() - before) / MB;
    console.log(`  ${ALERTS} alerts, ${RECEIVERS.length} receivers, ${sent} messages, ${kept.toFixed(1)} MB`);
    claim('30 MB / kept', 30 / kept, 1);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

/** Without a disk: how long one waits for it says nothing about planning. */
async function planning() {
  const store = memoryAlertStore();
  const notifications = createNotifications(store);
  notifications.start([]);
  await fireAll(notifications, store);
  const times = [];
  for (const alert of [...views.values()].slice(0, 500)) {
    clock.advance(180_000);
    notifications.tick();
    await settle();
    const messages = sent;
    const start = performance.now();
    fire(notifications, store, { ...alert, level: 'critical', previousLevel: 'warning' });
    while (sent - messages < RECEIVERS.length) await new Promise(setImmediate);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)];
  console.log(
    `  one change to ${RECEIVERS.length} receivers: median ${median(times).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
  );
  claim('10 ms / p99', 10 / p99, 1);
}

/** Until every receiver knows of every alert. */
async function fireAll(notifications, store) {
  for (const alert of views.values()) fire(notifications, store, alert);
  for (let minute = 0; known(notifications) < ALERTS * RECEIVERS.length; minute += 1) {
    if (minute === 600) throw new Error('Not everything was sent');
    clock.advance(60_000);
    notifications.tick();
    await settle();
  }
}

function createNotifications(store) {
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
    display: () => ({ publicUrl: undefined, timeZone: 'UTC' }),
    log: silent,
  });
}

function fire(notifications, store, alert) {
  views.set(alert.fingerprint, alert);
  store.transaction(() => {
    notifications.handle({ kind: 'fired', alert, at: clock.now(), quiet: undefined });
  });
}

function idOf(index) {
  return `${index}`.padStart(16, '0');
}

function viewOf(index) {
  const host = `web${index % HOSTS}`;
  const path = `/srv/volume${index}`;
  return {
    fingerprint: idOf(index),
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

function known(notifications) {
  return RECEIVERS.reduce((sum, name) => sum + notifications.knownTo(name).length, 0);
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
