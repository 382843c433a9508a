/** What hosts have told a hub about their machines, and what changed. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { inventoryReport as schema, type InventoryReport } from '../../src/api/inventory-report.ts';
import { inventoryReport } from '../../src/agent/inventory-report.ts';
import { changesBetween } from '../../src/hub/inventory.ts';

import { HubScene, type Member } from './hub-kit.ts';

const REPORT: InventoryReport = {
  os: 'Debian GNU/Linux 12',
  kernel: '6.12.41',
  arch: 'x64',
  cores: 8,
  memoryBytes: 16 * 1024 ** 3,
  timeZone: 'Europe/Paris',
  virtualisation: 'kvm',
  isRebootPending: false,
  version: '0.1.0',
  tags: { role: 'db' },
  addresses: ['10.0.0.1'],
  inputs: [{ alias: 'cpu', plugin: 'cpu', error: null }],
  sections: [{ title: 'Memory', rows: [['Slot 0', '16 GiB DDR4']] }],
};
const DAY = 86_400_000;
let scene: HubScene;

beforeEach(async () => {
  scene = await HubScene.open();
});
afterEach(() => scene.close());

function sessionOf({ session }: Member) {
  return scene.part.intake!.session(session);
}

/** @returns what the hub says of the host afterwards */
function tell(agent: Member, change: Partial<InventoryReport>) {
  expect(sessionOf(agent).inventory({ ...REPORT, ...change })).toBe(true);
  return scene.part.control?.inventory('db1');
}

test('a change has its label, what was before and what is now; the same report twice is none', () => {
  const agent = scene.host('db1');
  expect(scene.part.control?.inventory('db1')).toMatchObject({ name: 'db1', at: null, report: null, changes: [] });
  expect(scene.part.control?.inventory('nobody')).toBeUndefined();
  expect(tell(agent, {})).toMatchObject({ report: REPORT, changes: [] });
  scene.clock.advance(DAY);
  const second = tell(agent, { kernel: '6.12.44', isRebootPending: true, sections: [] });
  expect(second?.changes).toEqual([
    { at: scene.clock.now(), label: 'Kernel', before: '6.12.41', after: '6.12.44' },
    { at: scene.clock.now(), label: 'Reboot pending', before: 'no', after: 'yes' },
  ]);
  expect(tell(agent, { kernel: '6.12.44', isRebootPending: true })?.changes).toHaveLength(2);
});

test('an input that fails is shown and is no change; one that came is', () => {
  const failing = { ...REPORT, inputs: [{ alias: 'cpu', plugin: 'cpu', error: 'no such file' }] };
  expect(changesBetween(REPORT, failing, 5)).toEqual([]);
  const more = { ...REPORT, inputs: [...REPORT.inputs, { alias: 'nginx', plugin: 'nginx', error: null }] };
  expect(changesBetween(REPORT, more, 5)).toEqual([{ at: 5, label: 'Inputs', before: 'cpu', after: 'cpu, nginx' }]);
  const swapped: InventoryReport = { ...REPORT, sections: [{ title: 'Memory', rows: [['Slot 1', '8 GiB']] }] };
  expect(changesBetween(REPORT, swapped, 5)).toEqual([
    { at: 5, label: 'Memory: Slot 0', before: '16 GiB DDR4', after: null },
    { at: 5, label: 'Memory: Slot 1', before: null, after: '8 GiB' },
  ]);
});

test('inventories survive a restart of the hub, and go with a host that is forgotten', async () => {
  const agent = scene.host('db1');
  scene.host('web1');
  tell(agent, {});
  tell(agent, { kernel: '6.12.44', inputs: [{ alias: 'cpu', plugin: 'cpu', error: 'broken' }] });
  await scene.restart();
  expect(scene.part.control?.inventory('db1')?.changes).toHaveLength(1);
  const { hosts } = scene.part.control?.inventories() ?? { hosts: [] };
  expect(hosts).toMatchObject([{ name: 'db1', kernel: '6.12.44', cores: 8, failing: ['cpu'] }]);
  expect(hosts[0]?.changedAt).toEqual(expect.any(Number));
  scene.part.control?.act('forget', 'db1');
  expect(scene.part.control?.inventories()).toEqual({ hosts: [] });
});

test('a host that tells all the time is put off, and fills no disk', () => {
  const agent = scene.host('db1');
  const session = sessionOf(agent);
  const accepted = Array.from({ length: 100 }, (_, index) => session.inventory({ ...REPORT, kernel: `6.${index}` }));
  expect(accepted.filter(Boolean)).toHaveLength(10);
  for (let index = 0; index < 300; index += 1) {
    scene.clock.advance(60_000);
    session.inventory({ ...REPORT, kernel: `7.${index}` });
  }
  expect(scene.part.control?.inventory('db1')?.changes.length).toBeLessThanOrEqual(200);
  expect(scene.part.control?.inventory('db1')?.changes[0]).toMatchObject({ label: 'Kernel', after: '7.299' });
});

test('whatever a host is made of, the report keeps to the bounds that the hub sets', () => {
  const long = 'ü'.repeat(5000);
  const rows = Array.from({ length: 500 }, (_, index): [string, string] => [`${index} ${long}`, long]);
  const report = inventoryReport({
    host: {
      ...{ id: '1', name: long, os: long, kernel: long, arch: long, cores: 2, memoryBytes: 1, bootedAt: 0 },
      ...{ addresses: ['::1'], timeZone: long, agent: { version: long, startedAt: 0, intervalMs: 1 } },
      tags: Object.fromEntries(rows.map(([label], index) => [index < 10 ? label : String(index), long])),
    },
    agent: {
      inputs: rows.map(([alias]) => ({
        ...{ alias, plugin: long, intervalMs: 1, lastAt: null, lastMs: null, metrics: 0, errors: 1, error: long },
      })),
    },
    inventory: { sections: rows.map(([title]) => ({ title, rows })) },
    isRebootPending: undefined,
  });
  expect(schema.safeParse(report).error).toBeUndefined();
  expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThanOrEqual(48 * 1024);
});
