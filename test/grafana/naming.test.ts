import { expect, test } from '@jest/globals';

import { dashboardUid, folderUid } from '../../src/grafana/naming.ts';

test('dashboard uids are readable if short enough, and never longer than Grafana allows', () => {
  expect(dashboardUid('fleet', 'influxql')).toBe('healthd-fleet-influxql');
  expect(dashboardUid('input-queue_depth', 'promql')).toBe('healthd-input-queue-depth-promql');
  const [one, other] = ['a', 'b'].map((end) => dashboardUid(`input-a_very_long_name_of_a_plugin_${end}`, 'influxql'));
  expect(one).toMatch(/^healthd-input-a-[a-z0-9-]*-[0-9a-f]{8}-influxql$/);
  expect(one).toHaveLength(40);
  expect(one).not.toBe(other);
});

test('folder uids are derived from the title', () => {
  expect(folderUid('healthd')).toBe('healthd');
  expect(folderUid('Servers & more')).toMatch(/^healthd-[0-9a-f]{8}$/);
  expect(folderUid('Servers & more')).not.toBe(folderUid('Servers'));
});
