import { elasticsearch } from '../../../src/outputs/elasticsearch/index.ts';
import type { z } from '../../../src/plugin/index.ts';
import type { TestSettings } from '../../../src/testing.ts';
import { withOutput as open, type OpenOutput } from '../../support/kit/open-output.ts';

export type Options = z.input<typeof elasticsearch.config>;

/** An output that is closed after `body`. */
export function withOutput<Result>(
  options: Options,
  body: (output: OpenOutput) => Promise<Result>,
  settings?: TestSettings,
): Promise<Result> {
  return open(elasticsearch, options, body, settings);
}
