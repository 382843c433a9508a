/**
 * Reads both encodings of OTLP: protobuf, and the JSON mapping of proto3 as OTLP restricts it
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
 */
import { ProtobufReader } from '../../plugin/index.ts';

import { JSON_VALUES } from './json-value.ts';
import type { Field, Message, Opened, Raw, Table } from './message.ts';
import { PACKED, PROTOBUF_VALUES } from './protobuf-value.ts';

/** Opens the messages of one request, which have a bounded number of items in lists. */
export class Decoder {
  readonly #most: number;
  #items = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws Error if it is no such message; RangeError for too many items */
  open<T extends Table>({ table, names }: Message<T>, raw: Raw): Opened<T> {
    const found: Record<string, unknown> = {};
    for (const name in table) found[name] = table[name]?.isList === true ? [] : undefined;
    if (Buffer.isBuffer(raw)) this.#openProtobuf(table, names, raw, found);
    else this.#openJson(table, raw, found);
    return found as Opened<T>;
  }

  #openProtobuf(table: Table, names: ReadonlyMap<number, string>, bytes: Buffer, found: Record<string, unknown>): void {
    for (const reader = new ProtobufReader(bytes); reader.next();) {
      const name = names.get(reader.field);
      const field = name === undefined ? undefined : table[name];
      if (name === undefined || field === undefined) reader.skip();
      else if (field.isList) this.#readItems(reader, field, found[name] as unknown[]);
      else found[name] = PROTOBUF_VALUES[field.kind](reader);
    }
  }

  #readItems(reader: ProtobufReader, { kind }: Field, items: unknown[]): void {
    const packed = reader.isDelimited ? PACKED[kind] : undefined;
    if (packed === undefined) {
      this.#count(1);
      items.push(PROTOBUF_VALUES[kind](reader));
      return;
    }
    const bytes = reader.bytes();
    if (bytes.length % packed.size !== 0) throw new Error('a packed list is cut off');
    this.#count(bytes.length / packed.size);
    for (let at = 0; at < bytes.length; at += packed.size) items.push(packed.read(bytes, at));
  }

  #openJson(table: Table, object: Readonly<Record<string, unknown>>, found: Record<string, unknown>): void {
    for (const name in table) {
      const value = object[name] ?? undefined;
      const field = table[name];
      if (value === undefined || field === undefined) continue;
      const read = JSON_VALUES[field.kind];
      if (!field.isList) {
        found[name] = read(value, name);
        continue;
      }
      if (!Array.isArray(value)) throw new Error(`${name} is no list`);
      this.#count(value.length);
      found[name] = value.map((item) => read(item, name));
    }
  }

  #count(items: number): void {
    this.#items += items;
    if (this.#items > this.#most) throw new RangeError(`more than ${this.#most} items in lists; send smaller batches`);
  }
}
