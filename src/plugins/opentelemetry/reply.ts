/** Answers of OTLP/HTTP, in the encoding of the request: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response */
import { ProtobufWriter, tagOf, type HttpReply } from '../../plugin/index.ts';

export type Encoding = 'protobuf' | 'json';

const TYPES: Readonly<Record<Encoding, string>> = { protobuf: 'application/x-protobuf', json: 'application/json' };

/** Of a `Content-Type`. @returns undefined for another one */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const [type = ''] = (contentType ?? '').split(';');
  const found = Object.entries(TYPES).find(([, each]) => each === type.trim().toLowerCase());
  return found?.[0] as Encoding | undefined;
}

/** @param counted name of the number of rejected ones in JSON; in protobuf it is the first field of its message */
export function success(encoding: Encoding, counted: string, rejected: number, message: string): HttpReply {
  if (message === '') return reply(200, encoding, encoding === 'json' ? '{}' : new Uint8Array());
  if (encoding === 'json')
    return reply(
      200,
      encoding,
      JSON.stringify({ partialSuccess: { [counted]: String(rejected), errorMessage: message } }),
    );
  const writer = new ProtobufWriter(SMALL);
  writer.field(1, numberAndText(rejected, message));
  return reply(200, encoding, Buffer.from(writer.take()));
}

/** `google.rpc.Code`. */
const CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  404: 5,
  405: 12,
  413: 8,
  415: 3,
  421: 7,
  500: 13,
  503: 14,
};
const UNKNOWN = 2;

/** `google.rpc.Status`; as JSON for a client whose encoding is not known. */
export function failure(encoding: Encoding | undefined, status: number, message: string): HttpReply {
  const code = CODES[status] ?? UNKNOWN;
  if (encoding === 'protobuf') return reply(status, encoding, numberAndText(code, message));
  return reply(status, 'json', JSON.stringify({ code, message }));
}

const SMALL = 256;
const VARINT_TAG = 1 << 3;

/** Both messages begin with a number and a text. */
function numberAndText(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  const writer = new ProtobufWriter(SMALL);
  writer.varint(VARINT_TAG);
  writer.varint(number);
  writer.varint(tagOf(2));
  writer.varint(bytes.length);
  writer.bytes(bytes);
  return Buffer.from(writer.take());
}

function reply(status: number, encoding: Encoding, body: string | Uint8Array): HttpReply {
  return { status, headers: { 'content-type': TYPES[encoding] }, body };
}
