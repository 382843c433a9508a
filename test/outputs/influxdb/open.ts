import { influxdb } from '../../../src/outputs/influxdb/index.ts';
import type { z } from '../../../src/plugin/index.ts';
import type { TestSettings } from '../../../src/testing.ts';
import { openOutput as open, type OpenOutput } from '../../support/kit/open-output.ts';

export function openOutput(options: z.input<typeof influxdb.config>, settings?: TestSettings): Promise<OpenOutput> {
  return open(influxdb, options, settings);
}
