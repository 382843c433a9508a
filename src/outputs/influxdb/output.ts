import { PermanentError, type Output, type PluginContext } from '../../plugin/index.ts';

import { createDelivery } from './delivery.ts';
import type { Options } from './options.ts';
import { responseRedactor } from './redact.ts';
import { withoutReservedNames } from './reserved-names.ts';
import { serversOf } from './server.ts';
import { targetOf } from './target.ts';
import { openConnection } from './transport.ts';

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const redact = responseRedactor(options);
  const target = targetOf(options);
  const tls = await context.readTls(options.tls);
  const connectionSettings = {
    timeout: options.request_timeout,
    clock: context.clock,
    warn: (message: string) => {
      context.log.warn(redact(message));
    },
  };
  const routes = await Promise.all(
    serversOf(options).map(async (server) => ({
      server,
      connection: await openConnection(server, {
        ...connectionSettings,
        route: context.routeHttp({ url: server.url, tls, proxy: options.proxy }),
      }),
    })),
  );
  const deliver = createDelivery({ routes, target, redact, context });
  const path = target.writePath;
  let hasWarned = false;
  return {
    async connect(signal) {
      try {
        await deliver({ path, body: '', headers: TEXT }, undefined, signal);
      } catch (error) {
        // Servers check the lines last: an error about missing lines means that credentials and destination are right.
        if (!(error instanceof PermanentError)) throw error;
      }
    },
    async write(given, signal) {
      const batch = withoutReservedNames(given);
      if (batch !== given && !hasWarned) {
        context.log.warn('InfluxDB reserves the name "time": fields and tags with it are written as "time_"');
        hasWarned = true;
      }
      const request =
        options.content_encoding === 'gzip'
          ? { path, body: await batch.gzip(), headers: { ...TEXT, 'content-encoding': 'gzip' } }
          : { path, body: batch.lines, headers: TEXT };
      await deliver(request, batch, signal);
    },
    stop() {
      for (const { connection } of routes) connection.close();
    },
  };
}
