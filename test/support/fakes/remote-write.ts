/**
 * A strict remote write 1.0 server. It refuses what the specification forbids with status 599, which no test can mistake for an
 * answer it asked for. Modelled on Mimir: it requires a tenant, stores the good samples of a request and answers 400 for the
 * others.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { uncompress } from 'snappyjs';

export interface ReceivedSeries {
  /** `name{label="value"}`, labels in the order received. */
  readonly series: string;
  /** Milliseconds and value. */
  readonly samples: readonly (readonly [time: number, value: number])[];
}

export interface ReceivedMetadata {
  readonly type: number;
  readonly name: string;
  readonly help: string;
  readonly unit: string;
}

export interface WriteRequest {
  readonly series: readonly ReceivedSeries[];
  readonly metadata: readonly ReceivedMetadata[];
}

export interface FakeRemoteWrite {
  readonly url: string;
  /** All well-formed requests. */
  readonly requests: readonly WriteRequest[];
  /** Headers of every request. */
  readonly headers: readonly NodeJS.Dict<string | string[]>[];
  /** Runs first; returns true if it has answered. */
  before: (response: ServerResponse) => boolean;
  close(): Promise<void>;
}

/** @param tenant expected `X-Scope-OrgID` */
export async function startFakeRemoteWrite(tenant?: string): Promise<FakeRemoteWrite> {
  const requests: WriteRequest[] = [];
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const newest = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      headers.push(request.headers);
      if (fake.before(response)) return;
      if (tenant !== undefined && request.headers['x-scope-orgid'] !== tenant) {
        response.writeHead(401).end('no org id');
        return;
      }
      try {
        checkHeaders(request.headers);
        const decoded = decode(uncompress(Buffer.concat(chunks)));
        check(decoded);
        requests.push(decoded);
        const late = keep(decoded, newest);
        if (late === undefined) response.writeHead(200).end();
        else
          response
            .writeHead(400)
            .end(`failed pushing to ingester: the sample has been rejected (err-mimir-sample-out-of-order): ${late}`);
      } catch (error) {
        response.writeHead(599).end(`not remote write 1.0: ${String(error)}`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeRemoteWrite = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/push`,
    requests,
    headers,
    before: () => false,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return fake;
}

function checkHeaders(headers: NodeJS.Dict<string | string[]>): void {
  const expected = {
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  for (const [name, value] of Object.entries(expected))
    if (headers[name] !== value) throw new Error(`header ${name} is ${String(headers[name])}`);
  if (headers['user-agent'] === undefined) throw new Error('header user-agent is missing');
}

/** "Labels sorted by name", "no repeated or empty labels", "samples in timestamp order" (specification, 1.0). */
function check({ series }: WriteRequest): void {
  const seen = new Set<string>();
  for (const { series: identity, samples } of series) {
    if (seen.has(identity)) throw new Error(`${identity} occurs twice`);
    seen.add(identity);
    if (samples.length === 0) throw new Error(`${identity} has no sample`);
    if (samples.some(([time], index) => index > 0 && time <= (samples[index - 1]?.[0] ?? 0)))
      throw new Error(`${identity} has samples out of order`);
  }
}

/** @returns a series that had a sample older than a stored one */
function keep({ series }: WriteRequest, newest: Map<string, number>): string | undefined {
  let late: string | undefined;
  for (const { series: identity, samples } of series) {
    for (const [time] of samples) {
      if (time < (newest.get(identity) ?? -Infinity)) late = identity;
      else newest.set(identity, time);
    }
  }
  return late;
}

interface Field {
  readonly number: number;
  /** Bytes, or the value of a varint or double. */
  readonly value: Uint8Array | number;
}

/** The fields of a Protocol Buffers message. */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < message.length) {
    const tag = varint();
    const [number, type] = [tag >> 3, tag & 7];
    if (type === 0) yield { number, value: varint() };
    else if (type === 1) {
      yield { number, value: view.getFloat64(at, true) };
      at += 8;
    } else if (type === 2) {
      const length = varint();
      if (at + length > message.length) throw new Error('a field is truncated');
      yield { number, value: message.subarray(at, at + length) };
      at += length;
    } else throw new Error(`wire type ${type}`);
  }
}

const bytes = ({ value }: Field) => value as Uint8Array;
const text = (field: Field | undefined) =>
  field === undefined ? '' : new TextDecoder('utf-8', { fatal: true }).decode(bytes(field));
const one = (message: Uint8Array, wanted: number) => [...fieldsOf(message)].find(({ number }) => number === wanted);
const all = (message: Uint8Array, wanted: number) =>
  [...fieldsOf(message)].filter(({ number }) => number === wanted).map(bytes);

function decode(message: Uint8Array): WriteRequest {
  return {
    series: all(message, 1).map((each) => ({
      series: seriesText(all(each, 1).map((label) => [text(one(label, 1)), text(one(label, 2))] as const)),
      samples: all(each, 2).map((sample) => [Number(one(sample, 2)?.value), Number(one(sample, 1)?.value)] as const),
    })),
    metadata: all(message, 3).map((each) => ({
      type: Number(one(each, 1)?.value),
      name: text(one(each, 2)),
      help: text(one(each, 4)),
      unit: text(one(each, 5)),
    })),
  };
}

function seriesText(labels: readonly (readonly [name: string, value: string])[]): string {
  for (const [index, [name, value]] of labels.entries()) {
    if (index > 0 && name <= (labels[index - 1]?.[0] ?? '')) throw new Error(`label ${name} is not in order`);
    if (value === '') throw new Error(`label ${name} is empty`);
    const form = name === '__name__' ? value : name;
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(form)) throw new Error(`${form} is not a valid name`);
  }
  const name = labels.find(([each]) => each === '__name__')?.[1];
  if (name === undefined) throw new Error('a series has no name');
  const rest = labels
    .filter(([each]) => each !== '__name__')
    .map(([each, value]) => `${each}=${JSON.stringify(value)}`);
  return `${name}{${rest.join(',')}}`;
}
