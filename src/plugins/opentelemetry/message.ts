/** Messages of OTLP by tables. Fields that a table lacks are ignored. */

/** A message that is not opened: bytes of protobuf, or an object that JSON had. */
export type Raw = Buffer | Readonly<Record<string, unknown>>;

/** What the kinds of fields become. */
export interface Values {
  text: string;
  bool: boolean;
  double: number;
  /** `int64`, `uint32` and enums. */
  int: bigint;
  fixed64: bigint;
  sfixed64: bigint;
  /** Bytes, as hex. */
  id: string;
  /** Bytes, as base64. */
  blob: string;
  message: Raw;
}

export type Kind = keyof Values;

export interface Field<K extends Kind = Kind, IsList extends boolean = boolean> {
  readonly number: number;
  readonly kind: K;
  readonly isList: IsList;
}

/** Names of the JSON mapping, with the number and kind that a field has in protobuf. */
export type Table = Readonly<Record<string, Field>>;

/** Lists are empty if nothing was sent, other fields undefined. */
export type Opened<T extends Table> = {
  readonly [Name in keyof T]: T[Name]['isList'] extends true
    ? readonly Values[T[Name]['kind']][]
    : Values[T[Name]['kind']] | undefined;
};

export interface Message<T extends Table> {
  readonly table: T;
  readonly names: ReadonlyMap<number, string>;
}

export function message<T extends Table>(table: T): Message<T> {
  return { table, names: new Map(Object.entries(table).map(([name, { number }]) => [number, name])) };
}

export function one<K extends Kind>(number: number, kind: K): Field<K, false> {
  return { number, kind, isList: false };
}

export function list<K extends Kind>(number: number, kind: K): Field<K, true> {
  return { number, kind, isList: true };
}
