import { defineOutput, PartialWriteError } from '../../plugin/index.ts';
import { streamTarget } from '../socket-address.ts';

import { graphiteText, MAX_LINE_BYTES } from './lines.ts';
import { schema } from './options.ts';

/** Sends metrics to Graphite and compatible servers. */
export const graphite = defineOutput({
  name: 'graphite',
  summary: 'Graphite and compatible servers: plaintext protocol over TCP or TLS',
  config: schema,
  async create({ address, tls, prefix, template, graphite_tag_support }, context) {
    const target = await streamTarget(address, tls, context);
    const settings = { prefix, template: template.split('.'), hasTags: graphite_tag_support };
    return {
      connect: (signal) => context.sendStream(target, Buffer.alloc(0), signal),
      async write(batch, signal) {
        signal.throwIfAborted();
        const { text, refused } = graphiteText(batch.metrics(), settings);
        if (text !== '') await context.sendStream(target, Buffer.from(text), signal);
        if (refused.length > 0) throw tooLong(refused, batch.size);
      },
    };
  },
});

function tooLong(refused: readonly number[], size: number): PartialWriteError {
  return new PartialWriteError(
    `${refused.length} of ${size} lines have names that are too long for Graphite: longer than ${MAX_LINE_BYTES} bytes`,
    refused,
  );
}
