import { elasticsearch } from '../../../src/outputs/elasticsearch/index.ts';
import type { z } from '../../../src/plugin.ts';
import { openOutput, type OpenOutput } from '../../support/open-output.ts';

export type Options = z.input<typeof elasticsearch.config>;

/** One output for the time of `body`. */
export async function withOutput<Result>(
  options: Options,
  body: (output: OpenOutput) => Promise<Result>,
  settings: Parameters<typeof openOutput>[2] = {},
): Promise<Result> {
  const output = await openOutput(elasticsearch, options, settings);
  try {
    return await body(output);
  } finally {
    await output.close();
  }
}
