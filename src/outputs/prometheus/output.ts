import type { Output, PluginContext } from '../../plugin/index.ts';
import { hiddenLog } from '../prometheus-names.ts';

import { createEndpoint } from './endpoint.ts';
import { createWriter } from './exposition.ts';
import type { Options } from './options.ts';
import { Registry } from './registry.ts';

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { clock, log, describe } = context;
  const { max_series: maxSeries, expiration_interval: expiration, string_as_label: stringAsLabel } = options;
  const onHidden = hiddenLog(log);
  const registry = new Registry({ maxSeries, expiration, stringAsLabel, describe, onHidden });
  const logDropped = createDropLog(maxSeries, context);
  const write = createWriter(registry, options.export_timestamp);
  const endpoint = await createEndpoint(options, context, (format) => {
    registry.expire(clock.elapsed());
    return write(format);
  });
  return {
    async connect(signal) {
      try {
        await endpoint.listen();
      } catch (error) {
        if (!(await isHealthd(endpoint.url, context, signal))) throw error;
        log.info('A running healthd serves this address', { url: endpoint.url });
      }
    },
    async write(batch, signal) {
      signal.throwIfAborted();
      await endpoint.listen();
      const now = clock.elapsed();
      registry.expire(now);
      let dropped = 0;
      for (const metric of batch.metrics()) dropped += registry.add(metric, now);
      logDropped(dropped);
    },
    stop: () => endpoint.close(),
  };
}

const PROBE_MS = 2000;

/** `check --connect` runs beside the agent that holds the port; an agent that cannot have it fails when it writes. */
async function isHealthd(url: string, { http, clock }: PluginContext, signal: AbortSignal): Promise<boolean> {
  const request = { url, method: 'HEAD', tls: { rejectUnauthorized: false }, proxy: 'off' } as const;
  return await http(request, AbortSignal.any([signal, clock.signal(PROBE_MS)])).then(
    ({ headers }) => headers.get('server') === 'healthd',
    () => false,
  );
}

/** Logs when `max_series` is first exceeded, and when it no longer is. */
function createDropLog(maxSeries: number, { log }: PluginContext): (dropped: number) => void {
  let sum = 0;
  return (dropped) => {
    if (dropped > 0 && sum === 0)
      log.warn('max_series is reached; new series are dropped until others expire', { maxSeries });
    if (dropped === 0 && sum > 0) log.info('Series are no longer dropped', { samplesDropped: sum });
    sum = dropped === 0 ? 0 : sum + dropped;
  };
}
