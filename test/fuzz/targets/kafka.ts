/** Answers of Kafka brokers. */
import { ok } from 'node:assert/strict';

import { nameOf, ProtocolError } from '../../../src/outputs/kafka/protocol/errors.ts';
import {
  apiVersions,
  metadata,
  produce,
  saslAuthenticate,
  saslHandshake,
} from '../../../src/outputs/kafka/protocol/requests.ts';
import { authenticate } from '../../../src/outputs/kafka/protocol/sasl.ts';
import { Reader, Writer } from '../../../src/outputs/kafka/protocol/wire.ts';
import { failureText } from '../../../src/outputs/kafka/verdict.ts';
import { target, type Target } from '../target.ts';

const versions = new Map([
  [0, 8],
  [3, 4],
  [36, 1],
]);

/** Copied, since the writer's bytes are valid until its next write. */
function answer(write: (body: Writer) => unknown): Buffer {
  const body = new Writer();
  write(body);
  return Buffer.from(body.written);
}

const VERSIONS = answer((body) =>
  body.int16(0).array([...versions], ([key, highest]) => body.int16(key).int16(0).int16(highest)),
);

const HANDSHAKE = answer((body) => body.int16(0).array(['PLAIN', 'SCRAM-SHA-256'], (name) => body.string(name)));

const LOGIN = answer((body) => body.int16(58).string('no').bytes(Buffer.from('r=1')).int64(3_600_000));

const METADATA = answer((body) => {
  body.int32(0).array([1, 2], (id) => body.int32(id).string('broker').int32(9092).string(null));
  body
    .string('cluster')
    .int32(1)
    .array(['telegraf'], (topic) => {
      body.int16(0).string(topic).int8(0);
      body.array([0, 1, 2], (index) => {
        body.int16(0).int32(index).int32(1);
        body.array([1, 2], (replica) => body.int32(replica)).array([1], (replica) => body.int32(replica));
      });
    });
});

const PRODUCED = answer((body) =>
  body.array(['telegraf'], (topic) => {
    body.string(topic).array([0, 1], (partition) => {
      body.int32(partition).int16(87).int64(5).int64(-1).int64(0);
      body.array([3], (index) => body.int32(index).string('bad record')).string('refused');
    });
  }),
);

/** Items of an answer have a byte at least, so that a count cannot ask for memory. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (value instanceof Map) return value.size;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, each) => sum + sizeOf(each), 1);
}

const PRODUCE = produce([{ topic: 'telegraf', partition: 0, batch: new Uint8Array(0) }], {
  acks: -1,
  timeout: 1000,
  versions,
});

const READS = [
  [VERSIONS, apiVersions],
  [HANDSHAKE, saslHandshake('PLAIN')],
  [LOGIN, saslAuthenticate(new Uint8Array(0), versions)],
  [METADATA, metadata(['telegraf'], versions)],
  [PRODUCED, PRODUCE],
] as const;

const SCRAM = ['r=NONCEabc,s=QSXCR+Q6sek8bf92,i=4096\nv=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='];

export const KAFKA: readonly Target[] = [
  ...READS.map(([example, request]) =>
    target(`kafka: answer ${request.key}`, {
      examples: [example],
      parse: (input): unknown => request.read(new Reader(input)),
      throws: ['RangeError'],
      holds(read, input) {
        ok(sizeOf(read) <= 20 + 20 * input.length);
      },
    }),
  ),
  target('kafka: refused partitions', {
    share: 0.5,
    examples: [PRODUCED],
    parse: (input) =>
      failureText(
        'kafka:9092',
        PRODUCE.read(new Reader(input)).map(({ topic, partition, error, message }) => ({
          ...{ topic, partition, address: 'kafka:9092' },
          failure: new ProtocolError(nameOf(error), message),
        })),
      ),
    throws: ['RangeError'],
  }),
  target('kafka: SCRAM', {
    share: 0.02,
    examples: SCRAM,
    async parse(input) {
      const [challenge = '', final = ''] = input.toString().split('\n');
      let nonce: string | undefined;
      await authenticate({ mechanism: 'scram-sha-256', username: 'u', password: 'p' }, (sent) => {
        if (nonce !== undefined) return Promise.resolve(Buffer.from(final));
        nonce = /r=(.*)$/.exec(sent.toString())?.[1] ?? '';
        return Promise.resolve(Buffer.from(challenge.replace('NONCE', nonce)));
      });
      throw new TypeError('A server without the password was believed');
    },
    throws: ['Error'],
  }),
];
