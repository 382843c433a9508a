/** The form of the table of Telegraf's measurements. */
export type InfluxType = 'float' | 'integer' | 'string' | 'boolean';

export type FieldTypes = Readonly<Record<string, InfluxType>>;

/** Features that some hosts lack. */
export type Ability =
  | 'file systems'
  | 'block devices'
  | 'network interfaces'
  | 'login records'
  | 'pressure figures'
  | 'page merging'
  | 'temperature sensors'
  | 'Docker';

/** Fields that only certain options or hosts give. */
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
  /** Present with the plugin's default options, at the third gather at the latest. */
  readonly fields: FieldTypes;
  readonly further?: readonly FurtherFields[];
  /** Optional: the presence depends on devices, kernel or events, the type does not. */
  readonly sometimes?: { readonly tags?: readonly string[]; readonly fields?: FieldTypes };
  /** healthd's own, unknown to Telegraf. */
  readonly own?: FieldTypes;
  /** Fields whose names come from the kernel or the daemon. */
  readonly named?: { readonly pattern: RegExp; readonly type: InfluxType };
}

export const floats = (...names: readonly string[]): FieldTypes => typed('float', names);
export const integers = (...names: readonly string[]): FieldTypes => typed('integer', names);
export const strings = (...names: readonly string[]): FieldTypes => typed('string', names);

function typed(type: InfluxType, names: readonly string[]): FieldTypes {
  return Object.fromEntries(names.map((name) => [name, type]));
}
