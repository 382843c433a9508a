import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { net } from '../../../src/plugins/net/index.ts';
import { testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(net);

test('matches sysfs', async () => {
  const input = await testInput(net, { interfaces: ['*'] });
  const { metrics, errors } = await input.gather();
  await input.stop();
  expect(errors).toEqual([]);
  expect(metrics.map(({ tags }) => tags['interface'])).toContain('lo');
  for (const { tags, fields } of metrics) {
    for (const [field, file] of Object.entries({
      bytes_recv: 'rx_bytes',
      packets_sent: 'tx_packets',
      drop_in: 'rx_dropped',
    })) {
      const now = Number(readFileSync(`/sys/class/net/${tags['interface']!}/statistics/${file}`, 'utf8'));
      expect(Number(fields[field])).toBeLessThanOrEqual(now);
      expect(now - Number(fields[field])).toBeLessThanOrEqual(now * 0.05 + 1e6);
    }
  }
});

test('excludes loopback by default', async () => {
  const input = await testInput(net, {});
  const { metrics } = await input.gather();
  await input.stop();
  expect(metrics.map(({ tags }) => tags['interface'])).not.toContain('lo');
});

test('the portable provider agrees with the native one', async () => {
  const native = await testInput(net, { provider: 'native' });
  const portable = await testInput(net, { provider: 'portable' });
  const [a, b] = [await native.gather(), await portable.gather()].map(({ metrics }) => metrics);
  await Promise.all([native.stop(), portable.stop()]);
  expect(a!.length).toBeGreaterThan(0);
  for (const { tags, fields } of a!) {
    const other = b!.find((metric) => metric.tags['interface'] === tags['interface']);
    const [ours, theirs] = [Number(fields['bytes_recv']), Number(other?.fields['bytes_recv'])];
    expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(ours * 0.05 + 1e6);
  }
});
