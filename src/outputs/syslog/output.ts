import { PartialWriteError, type Batch, type Output, type PluginContext } from '../../plugin/index.ts';
import { streamTarget } from '../socket-address.ts';

import { syslogMessage, type MessageSettings } from './message.ts';
import { FACILITIES, SEVERITIES, type Options } from './options.ts';

const STREAM_BYTES = 8192;
/** The size that receivers should accept (RFC 5426, 3.2). */
const DATAGRAM_BYTES = 2048;

/** @throws if a certificate or key cannot be read */
export async function createOutput(options: Options, context: PluginContext): Promise<Output> {
  const { sendStream, sendDatagrams } = context;
  const { address, framing } = options;
  const settings = messageSettings(options, context);
  const target = await streamTarget(address, options.tls, context);
  const isUdp = address.protocol === 'udp';
  const frame = framing === 'octet-counting' ? octetCounted : newlineTerminated;
  const send = (messages: readonly Buffer[], signal: AbortSignal) =>
    isUdp ? sendDatagrams(target, messages, signal) : sendStream(target, Buffer.concat(messages.map(frame)), signal);
  return {
    connect: (signal) => send([], signal),
    async write(batch, signal) {
      const { messages, refused } = encode(batch, settings);
      if (messages.length > 0) await send(messages, signal);
      if (refused.length === 0) return;
      throw new PartialWriteError(
        `${refused.length} of ${batch.size} lines result in messages longer than ${settings.maxBytes} bytes; ` +
          'raise max_message if the server accepts longer ones',
        refused,
      );
    },
  };
}

function messageSettings(options: Options, context: PluginContext): MessageSettings {
  return {
    facility: FACILITIES[options.facility],
    severity: SEVERITIES.indexOf(options.default_severity),
    appName: options.app_name,
    hostname: options.hostname ?? context.host.hostname,
    structuredDataId: options.structured_data_id,
    hasMark: options.byte_order_mark,
    maxBytes: options.max_message ?? (options.address.protocol === 'udp' ? DATAGRAM_BYTES : STREAM_BYTES),
  };
}

function encode(batch: Batch, settings: MessageSettings) {
  const messages: Buffer[] = [];
  const refused: number[] = [];
  let index = 0;
  for (const metric of batch.metrics()) {
    const message = syslogMessage(metric, settings);
    if (message === undefined) refused.push(index);
    else messages.push(Buffer.from(message));
    index += 1;
  }
  return { messages, refused };
}

/** RFC 6587, 3.4.1; the only framing defined for TLS (RFC 5425, 4.3). */
function octetCounted(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** RFC 6587, 3.4.2. Messages contain no newlines. */
function newlineTerminated(message: Buffer): Buffer {
  return Buffer.concat([message, Buffer.from('\n')]);
}
