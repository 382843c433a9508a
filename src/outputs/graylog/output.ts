import { PartialWriteError, type Output, type PluginContext } from '../../plugin/index.ts';
import { streamTarget } from '../socket-address.ts';

import { gelfMessage } from './gelf.ts';
import { httpTransport } from './http.ts';
import type { Options } from './options.ts';
import { streamTransport, udpTransport, type Refusal, type Transport } from './transport.ts';

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const transport = await transportOf(options, context);
  const { hostname } = context.host;
  return {
    connect: (signal) => transport.connect(signal),
    async write(batch, signal) {
      const messages = Array.from(batch.metrics(), (metric) => gelfMessage(metric, hostname));
      const refusals = await transport.send(messages, signal);
      const [first] = refusals;
      if (first !== undefined) throw refused(refusals, first, batch.size);
    },
  };
}

async function transportOf(options: Options, context: PluginContext): Promise<Transport> {
  const { address, tls, proxy, headers, compression, chunk_size: chunkSize } = options;
  if ('url' in address) {
    return httpTransport(context, { url: address.url, headers, proxy, tls: await context.readTls(tls) });
  }
  const target = await streamTarget(address, tls, context);
  return address.protocol === 'udp'
    ? udpTransport(context, target, { compression, chunkSize })
    : streamTransport(context, target);
}

function refused(refusals: readonly Refusal[], { reason }: Refusal, size: number): PartialWriteError {
  return new PartialWriteError(
    `${refusals.length} of ${size} lines were permanently rejected: ${reason}`,
    refusals.map(({ index }) => index),
    { reasons: refusals.map((refusal) => refusal.reason) },
  );
}
