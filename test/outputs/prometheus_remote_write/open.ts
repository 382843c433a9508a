import { prometheusRemoteWrite } from '../../../src/outputs/prometheus_remote_write/index.ts';
import type { z } from '../../../src/plugin/index.ts';
import type { TestSettings } from '../../../src/testing.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { openOutput as open } from '../../support/kit/open-output.ts';

export type OpenOutput = Awaited<ReturnType<typeof openOutput>>;

/** An output whose `write` takes lines. */
export async function openOutput(options: z.input<typeof prometheusRemoteWrite.config>, settings?: TestSettings) {
  const opened = await open(prometheusRemoteWrite, options, settings);
  return {
    ...opened,
    write: (lines: readonly string[], signal?: AbortSignal) => opened.write(testBatch(lines), signal),
  };
}
