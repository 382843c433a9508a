import { expect, test } from '@jest/globals';

import { deviceMapper } from '../../../../src/plugins/docker/report/devicemapper.ts';

test('devicemapper sizes are parsed from text in powers of 1000', () => {
  const pool = deviceMapper([
    ['Pool Name', 'docker-8:1-1182287-pool'],
    ['Pool Blocksize', '65.54 kB'],
    ['Data Space Used', '17.3 MB'],
    ['Data Space Total', '107.4 GB'],
    ['Metadata Space Available', '2.1B'],
    ['Udev Sync Supported', 'true'],
    ['Backing Filesystem', 'extfs'],
  ]);
  expect(pool).toEqual({
    poolName: 'docker-8:1-1182287-pool',
    poolBlocksize: 65540,
    data: { used: 17300000, total: 107400000000 },
    metadata: { available: 2 },
    all: {
      pool_blocksize_bytes: 65540,
      data_space_used_bytes: 17300000,
      data_space_total_bytes: 107400000000,
      metadata_space_available_bytes: 2,
    },
  });
  expect(deviceMapper([['Backing Filesystem', 'extfs']])).toBeUndefined();
});
