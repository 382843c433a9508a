/** How the table of Telegraf's measurements is written. */
export type InfluxType = 'float' | 'integer' | 'string' | 'boolean';

export type FieldTypes = Readonly<Record<string, InfluxType>>;

/** What some hosts have and others lack. */
export type Ability =
  | 'file systems'
  | 'block devices'
  | 'network interfaces'
  | 'login records'
  | 'pressure figures'
  | 'page merging'
  | 'temperature sensors'
  | 'Docker';

/** Fields that come only with certain options, or only from certain hosts. */
export interface FurtherFields {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly needs?: Ability;
  readonly fields: FieldTypes;
}

export interface Schema {
  /** The plugin that reports the measurement. */
  readonly input: string;
  readonly needs?: Ability;
  readonly tags: readonly string[];
  /** With the plugin's default options, at the third gather at the latest. */
  readonly fields: FieldTypes;
  readonly further?: readonly FurtherFields[];
  /** What may be there as well: it depends on devices, kernel or what happens, but its type does not. */
  readonly sometimes?: { readonly tags?: readonly string[]; readonly fields?: FieldTypes };
  /** healthd's own, which Telegraf does not have. */
  readonly own?: FieldTypes;
  /** Further fields whose names come from the kernel or the daemon. */
  readonly named?: { readonly pattern: RegExp; readonly type: InfluxType };
}

export const floats = (...names: readonly string[]): FieldTypes => typed('float', names);
export const integers = (...names: readonly string[]): FieldTypes => typed('integer', names);
export const strings = (...names: readonly string[]): FieldTypes => typed('string', names);

function typed(type: InfluxType, names: readonly string[]): FieldTypes {
  return Object.fromEntries(names.map((name) => [name, type]));
}
