import { expect, test } from '@jest/globals';

import { networkFields, networkTotals } from '../../../../src/plugins/docker/stats/network.ts';
import { stats } from '../fixtures.ts';

test('the counters of each interface, and their sum', () => {
  const { eth0, eth1 } = stats('cgroup-v2').networks!;
  expect(networkFields(eth1!)).toEqual(eth1);
  expect(networkTotals([eth0!, eth1!])).toEqual({
    rx_bytes: 1030,
    rx_packets: 13,
    rx_errors: 1,
    rx_dropped: 1,
    tx_bytes: 2040,
    tx_packets: 24,
    tx_errors: 0,
    tx_dropped: 2,
  });
  expect(Object.keys(networkFields(Object.values(stats('windows').networks!)[0]!))).not.toContain('endpoint_id');
});

test('host networking has no interfaces', () => {
  expect(stats('host-network').networks).toBeUndefined();
});
