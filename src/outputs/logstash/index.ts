import { defineOutput, tls, z } from '../../plugin/index.ts';
import { refuseUnusedTls, socketAddress, streamTarget } from '../socket-address.ts';

import { logstashLine } from './document.ts';

/** Sends metrics and log records to the tcp input of Logstash. */
export const logstash = defineOutput({
  name: 'logstash',
  summary: 'Logstash: JSON lines for its tcp input, over TCP or TLS',
  config: z
    .strictObject({
      address: socketAddress({ tcp: undefined, tls: undefined }).describe(
        'Address of the tcp input, as tcp://host:5000 or tls://host:5000; the default protocol is TCP',
      ),
      tls: tls()
        .prefault({})
        .describe(
          'TLS settings for tls://; by default, the server certificate is verified against the CAs of the system',
        ),
    })
    .superRefine(refuseUnusedTls),
  async create({ address, tls }, context) {
    const target = await streamTarget(address, tls, context);
    const { hostname } = context.host;
    return {
      connect: (signal) => context.sendStream(target, Buffer.alloc(0), signal),
      async write(batch, signal) {
        let text = '';
        for (const metric of batch.metrics()) text += `${logstashLine(metric, hostname)}\n`;
        await context.sendStream(target, Buffer.from(text), signal);
      },
    };
  },
});
