import { expect, test } from '@jest/globals';

import { temp } from '../../../src/plugins/temp/index.ts';
import { createReader } from '../../../src/plugins/temp/bounded-reader.ts';
import { manualClock, testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';
import { tree } from '../../support/kit/tree.ts';

goldenFolders(temp);

/** @param device empty for a virtual chip @param inputs label of each `temp<n>`; empty for none */
function chip(folder: string, name: string, device: string, inputs: Readonly<Record<string, string>>) {
  const path = `class/hwmon/${folder}`;
  const files = Object.entries(inputs).flatMap(([input, label]) => [
    [`${path}/${input}_input`, '40000'],
    [`${path}/${input}_crit`, '90000'],
    ...(label === '' ? [] : [[`${path}/${input}_label`, label]]),
  ]);
  const link = device === '' ? {} : { [`${path}/device`]: `-> ../../../devices/${device}` };
  return { [`${path}/name`]: name, ...link, ...(Object.fromEntries(files) as Record<string, string>) };
}

const zone = (number: number, type: string) => ({
  [`class/thermal/thermal_zone${number}/type`]: type,
  [`class/thermal/thermal_zone${number}/temp`]: '40000',
});

async function tagsOf(files: Readonly<Record<string, string>>, options = {}): Promise<string[]> {
  const sys = tree(files);
  const input = await testInput(temp, { provider: 'native', ...options }, { environment: { HOST_SYS: sys.root } });
  const { metrics, errors } = await input.gather();
  await input.stop();
  sys.remove();
  expect(errors).toEqual([]);
  return metrics.map(({ tags: { sensor = '', device } }) => (device === undefined ? sensor : `${sensor} ${device}`));
}

test('C-003: sensors with equal tags are told apart, and only those', async () => {
  const files = {
    ...chip('hwmon0', 'nvme', 'nvme0', { temp1: 'Composite', temp2: 'Sensor 1' }),
    ...chip('hwmon1', 'nvme', 'nvme1', { temp1: 'Composite' }),
    ...chip('hwmon2', 'it8620', 'it87.1', { temp1: '', temp4: '', temp5: 'CPU' }),
    ...chip('hwmon3', 'dell_smm', '', { temp1: 'CPU', temp2: 'SODIMM', temp3: 'SODIMM' }),
    ...chip('hwmon4', 'virtual', '', { temp1: '' }),
    ...chip('hwmon5', 'virtual', '', { temp1: '' }),
    ...zone(0, 'acpitz'),
    ...zone(1, 'acpitz'),
    ...zone(2, 'pch'),
  };
  const tags = [
    'nvme_composite nvme0',
    'nvme_sensor_1',
    'nvme_composite nvme1',
    'it8620_temp1',
    'it8620_temp4',
    'it8620_cpu',
    'dell_smm_cpu',
    'dell_smm_sodimm_temp2',
    'dell_smm_sodimm_temp3',
    'virtual_hwmon4',
    'virtual_hwmon5',
    'acpitz_zone0',
    'acpitz_zone1',
    'pch',
  ];
  expect(await tagsOf(files, { always_gather_zones: true })).toEqual(tags);
  const withDevice = await tagsOf(files, { always_gather_zones: true, add_device_tag: true });
  expect(withDevice.slice(0, 6)).toEqual([
    'nvme_composite nvme0',
    'nvme_sensor_1 nvme0',
    'nvme_composite nvme1',
    'it8620_temp1 it87.1',
    'it8620_temp4 it87.1',
    'it8620_cpu it87.1',
  ]);
  expect(new Set(withDevice).size).toBe(14);
});

test('C-003: two chips with two inputs without labels each are four series, with limits in v1 eight', async () => {
  const files = {
    ...chip('hwmon0', 'jc42', '0-0018', { temp1: '', temp2: '' }),
    ...chip('hwmon1', 'jc42', '0-0019', { temp1: '', temp2: '' }),
  };
  expect(await tagsOf(files)).toEqual([
    'jc42_temp1 0-0018',
    'jc42_temp2 0-0018',
    'jc42_temp1 0-0019',
    'jc42_temp2 0-0019',
  ]);
  const v1 = await tagsOf(files, { metric_format: 'v1' });
  expect(v1.slice(0, 2)).toEqual(['jc42_temp1_input 0-0018', 'jc42_temp1_crit 0-0018']);
  expect(new Set(v1).size).toBe(8);
});

test('C-003: a name made longer does not become that of another sensor', async () => {
  const tags = await tagsOf(chip('hwmon0', 'it8620', 'it87.1', { temp1: '', temp4: '', temp5: 'temp4' }));
  expect(new Set(tags).size).toBe(3);
});

test('a hanging read times out and is not repeated until it returns', async () => {
  const clock = manualClock();
  const calls: string[] = [];
  const release = new Map<string, (text: string) => void>();
  const read = createReader(clock, (path) => {
    calls.push(path);
    return path.startsWith('/asleep') ? new Promise((resolve) => release.set(path, resolve)) : Promise.resolve('42000');
  });
  const { signal } = new AbortController();
  const first = read('/asleep', signal);
  clock.advance(1000);
  expect(await first).toBeUndefined();
  expect(await read('/asleep', signal)).toBeUndefined();
  expect(await read('/awake', signal)).toBe('42000');

  const second = read('/asleep too', signal);
  clock.advance(1000);
  expect(await second).toBeUndefined();
  // Two threads are occupied; the others are reserved.
  expect(await read('/awake', signal)).toBeUndefined();
  expect(calls).toEqual(['/asleep', '/awake', '/asleep too']);

  release.get('/asleep')!('1000');
  await new Promise(setImmediate);
  expect(await read('/awake', signal)).toBe('42000');
});

test('an abort ends the read', async () => {
  const abort = new AbortController();
  const read = createReader(manualClock(), () => new Promise(() => undefined));
  const pending = read('/asleep', abort.signal);
  abort.abort();
  expect(await pending).toBeUndefined();
});

test('the portable provider reports plausible temperatures, if any', async () => {
  const input = await testInput(temp, { provider: 'portable' });
  const { metrics, errors } = await input.gather();
  await input.stop();
  expect(errors).toEqual([]);
  for (const { tags, fields } of metrics) {
    expect(tags['sensor']).toMatch(/^(cpu|chipset)/);
    expect(fields['temp']).toBeGreaterThan(0);
    expect(fields['temp']).toBeLessThan(150);
  }
});
