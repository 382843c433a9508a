import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { inventoryAnswer } from '../../../src/api/host.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { collectFacts } from '../../../src/host/inventory/collect.ts';
import { factsSchema } from '../../../src/host/inventory/facts.ts';
import { Inventory } from '../../../src/host/inventory/inventory.ts';
import { sectionsOf } from '../../../src/host/inventory/sections.ts';
import { createProgramRunner } from '../../../src/host/run-program.ts';
import type { RunProgram } from '../../../src/plugin/program.ts';
import { manualClock } from '../../../src/testing.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import { pass } from '../../support/kit/runner.ts';
import { waitFor } from '../../support/servers/real-server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-inventory-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const DAY = 86_400_000;

function collecting(state = folder) {
  const clock = manualClock(1_700_000_000_000);
  const log = recordingLog();
  const seen = { collects: 0, fails: false };
  const collect = () => {
    seen.collects += 1;
    if (seen.fails) return Promise.reject(new Error('no programs'));
    return Promise.resolve(factsSchema.parse({ osInfo: { kernel: `6.${seen.collects}` } }));
  };
  const inventory = new Inventory({ path: join(state, 'inventory.json'), collect, clock, log });
  return { clock, log, seen, inventory };
}

test('it is collected half a minute after the start and once a day', async () => {
  const { clock, seen, inventory } = collecting();
  inventory.start();
  await pass(clock, 29_000);
  expect(seen.collects).toBe(0);
  await pass(clock, 2000);
  await waitFor(() => seen.collects === 1);
  expect((await inventory.answer()).sections).toEqual([{ title: 'Operating system', rows: [['Kernel', '6.1']] }]);
  // The next is due a day after the first was kept, which takes real time.
  for (let days = 0; seen.collects < 2 && days < 30; days += 1) await pass(clock, DAY, DAY / 4);
  expect(seen.collects).toBe(2);
  inventory.stop();
  await pass(clock, 2 * DAY, DAY);
  expect(seen.collects).toBe(2);
});

test('the first answer of the next start is the one that was kept, and it is not collected again before a day', async () => {
  const first = collecting();
  const kept = await first.inventory.answer();
  expect(inventoryAnswer.parse(kept)).toEqual(kept);
  const second = collecting();
  expect(await second.inventory.answer()).toEqual(kept);
  second.inventory.start();
  await pass(second.clock, 60_000, 10_000);
  expect(second.seen.collects).toBe(0);
});

test('many that ask at once wait for one', async () => {
  const { seen, inventory } = collecting();
  await Promise.all([inventory.answer(), inventory.answer(), inventory.answer()]);
  expect(seen.collects).toBe(1);
});

test('a damaged file is collected again; one that cannot be written is no reason to have none', async () => {
  writeFileSync(join(folder, 'inventory.json'), '{"at":1,"sections":[{"title":');
  const { seen, inventory } = collecting();
  await inventory.answer();
  expect(seen.collects).toBe(1);
  expect(readFileSync(join(folder, 'inventory.json'), 'utf8')).toContain('6.1');

  writeFileSync(join(folder, 'file'), '');
  const homeless = collecting(join(folder, 'file'));
  expect((await homeless.inventory.answer()).sections).toHaveLength(1);
  expect(homeless.log.lines.every((line) => line.startsWith('debug: '))).toBe(true);
});

test('a failure is told to who asks, and at the schedule to the log', async () => {
  const { clock, log, seen, inventory } = collecting();
  seen.fails = true;
  await expect(inventory.answer()).rejects.toThrow('no programs');
  inventory.start();
  clock.advance(30_000);
  await waitFor(() => log.lines.length > 0);
  expect(log.lines).toEqual(['debug: No inventory: no programs']);
});

test('sections leave out what is not known, placeholders, and what firmware repeats', () => {
  const facts = factsSchema.parse({
    system: { manufacturer: 'Dell Inc.', model: 'PowerEdge R640', version: 'Not Specified', virtual: false },
    bios: { vendor: 'Dell Inc.', version: '2.19.1', releaseDate: '2023-06-04' },
    baseboard: { manufacturer: 'Default string', model: '-' },
    chassis: null,
    osInfo: {
      distro: 'Debian GNU/Linux',
      release: '12',
      codename: 'bookworm',
      kernel: '6.1.0',
      arch: 'x64',
      uefi: true,
    },
    cpu: {
      manufacturer: 'Intel',
      brand: 'Xeon',
      cores: 32,
      physicalCores: 16,
      processors: 2,
      speedMax: 3.9,
      cache: { l3: 2 ** 25 },
    },
    mem: { total: 2 ** 36 },
    memLayout: [
      { size: 2 ** 34, bank: 'A1', type: 'DDR4', ecc: true, clockSpeed: 2933, manufacturer: 'Samsung' },
      { size: 0, bank: 'A2', type: 'Empty' },
    ],
    diskLayout: [{ device: '/dev/nvme0n1', name: 'Samsung PM983', size: 960e9, type: 'NVMe', interfaceType: 'PCIe' }],
    networkInterfaces: [
      { iface: 'lo', internal: true },
      { iface: 'veth1', virtual: true },
      { iface: 'eno1', mac: '00:11', type: 'wired', speed: 10_000, operstate: 'up', internal: false, virtual: false },
    ],
    graphics: { controllers: 'none' },
  });
  expect(sectionsOf(facts)).toEqual([
    {
      title: 'System',
      rows: [
        ['Model', 'Dell Inc. PowerEdge R640'],
        ['Firmware', 'Dell Inc. 2.19.1 2023-06-04'],
        ['Virtualisation', 'none'],
      ],
    },
    {
      title: 'Operating system',
      rows: [
        ['Distribution', 'Debian GNU/Linux 12 (bookworm)'],
        ['Kernel', '6.1.0'],
        ['Architecture', 'x64'],
        ['Boot', 'UEFI'],
      ],
    },
    {
      title: 'Processor',
      rows: [
        ['Model', 'Intel Xeon'],
        ['Cores', '2 sockets, 16 cores, 32 threads'],
        ['Fastest', '3.9 GHz'],
        ['Cache', 'L3 32 MiB'],
      ],
    },
    {
      title: 'Memory',
      rows: [
        ['Total', '64 GiB'],
        ['A1', '16 GiB DDR4, 2933 MT/s, ECC, Samsung'],
      ],
    },
    { title: 'Disks', rows: [['nvme0n1', 'Samsung PM983, 894 GiB, PCIe NVMe']] },
    { title: 'Network cards', rows: [['eno1', 'wired, 10000 Mbit/s, up, 00:11']] },
  ]);
  expect(sectionsOf(factsSchema.parse({}))).toEqual([]);
});

test('five hundred disks are bounded, and names are one line', () => {
  const disks = Array.from({ length: 500 }, (_, index) => ({
    device: `/dev/sd${index}`,
    name: `a\nb${'x'.repeat(500)}`,
    size: 1,
  }));
  const [{ rows } = { rows: [] }] = sectionsOf(factsSchema.parse({ diskLayout: disks }));
  expect(rows).toHaveLength(64);
  expect(rows.at(-1)).toEqual(['Others', '437']);
  expect(rows[0]?.[1].length).toBeLessThanOrEqual(200);
  expect(rows[0]?.[1]).toMatch(/^a b/);
});

test('this machine has a kernel, a processor and memory', async () => {
  const facts = await collectFacts(createProgramRunner(systemClock), systemClock);
  const sections = sectionsOf(facts);
  expect(inventoryAnswer.parse({ at: 0, sections })).toEqual({ at: 0, sections });
  const value = (title: string, label: string) =>
    sections.find((each) => each.title === title)?.rows.find(([name]) => name === label)?.[1];
  expect(value('Operating system', 'Kernel')).toMatch(/\d/);
  expect(value('Processor', 'Cores')).toMatch(/thread/);
  expect(value('Memory', 'Total')).toMatch(/GiB$/);
}, 90_000);

test('a collector that fails says so', async () => {
  const run: RunProgram = () =>
    Promise.resolve({
      failure: 'was ended by SIGKILL',
      code: undefined,
      stdout: Buffer.alloc(0),
      stderr: Buffer.from('x'),
    });
  await expect(collectFacts(run, manualClock())).rejects.toThrow('The inventory was ended by SIGKILL: x');
});
