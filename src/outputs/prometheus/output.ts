import type { Output, PluginContext } from '../../plugin/index.ts';

import { parseAddress } from './address.ts';
import { credentialsOf } from './credentials.ts';
import { createEndpoint } from './endpoint.ts';
import { createWriter } from './exposition.ts';
import type { Options } from './options.ts';
import { Registry } from './registry.ts';

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { clock, log, describe } = context;
  const { max_series: maxSeries, expiration_interval: expiration, string_as_label: stringAsLabel, tls } = options;
  const registry = new Registry({ maxSeries, expiration, stringAsLabel, describe });
  const noteRefused = createRefusalLog(maxSeries, context);
  const write = createWriter(registry, options.export_timestamp);
  const endpoint = createEndpoint({
    address: parseAddress(options.listen) ?? { host: undefined, port: 0 },
    path: options.path,
    tls: tls === undefined ? undefined : await context.readTls({ ...tls, insecure_skip_verify: false }),
    credentials: credentialsOf(options),
    log,
    metrics(format) {
      registry.expire(clock.elapsed());
      return write(format);
    },
  });
  return {
    connect: () => endpoint.listen(),
    async write(batch, signal) {
      signal.throwIfAborted();
      await endpoint.listen();
      const now = clock.elapsed();
      registry.expire(now);
      let refused = 0;
      for (const metric of batch.metrics()) refused += registry.add(metric, now);
      noteRefused(refused);
    },
    stop: () => endpoint.close(),
  };
}

/** Says when series begin to be refused, and when that is over. */
function createRefusalLog(maxSeries: number, { log }: PluginContext): (refused: number) => void {
  let sum = 0;
  return (refused) => {
    if (refused > 0 && sum === 0)
      log.warn('There are more series than max_series; new ones are left out until others vanish', { maxSeries });
    if (refused === 0 && sum > 0) log.info('There is room for all series again', { samplesLeftOut: sum });
    sum = refused === 0 ? 0 : sum + refused;
  };
}
