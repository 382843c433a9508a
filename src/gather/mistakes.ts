/** What a plugin reports against its own catalog, or in a form that no database takes. Each is reported once. */

/** Most distinct mistakes of one plugin that are reported. */
const MOST_REPORTED = 50;

/** Most undeclared fields whose type is remembered. */
const MOST_REMEMBERED = 2000;

type Type = 'number' | 'bigint' | 'string' | 'boolean';

const NAMES: Readonly<Record<Type, string>> = {
  number: 'a float',
  bigint: 'an integer',
  string: 'text',
  boolean: 'true or false',
};

export class Mistakes {
  readonly #report: (text: string) => void;
  readonly #reported = new Set<string>();
  /** Measurement → undeclared field → the type of its first value. */
  readonly #types = new Map<string, Map<string, Type>>();
  #remembered = 0;
  /** Of the measurement that was watched last. */
  #last: { readonly measurement: string; readonly types: Map<string, Type> } | undefined;

  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** @param subject `measurement` or `measurement.field` */
  add(subject: string, reason: string): void {
    const text = `${subject}: ${reason}`;
    if (this.#reported.has(text) || this.#reported.size > MOST_REPORTED) return;
    this.#reported.add(text);
    const isLast = this.#reported.size > MOST_REPORTED;
    this.#report(isLast ? `more than ${MOST_REPORTED} different mistakes; further ones are not reported` : text);
  }

  /** @param fate what happens to the value */
  wrongType(measurement: string, field: string, value: unknown, declared: string, fate: string): void {
    this.add(`${measurement}.${field}`, `${describe(value)} in a field declared ${declared}; it is ${fate}`);
  }

  undeclared(measurement: string, what = 'the measurement'): void {
    this.add(measurement, `${what} is not declared in the plugin's metrics`);
  }

  /** Compares the type of an undeclared field with that of its first value. */
  watch(measurement: string, field: string, value: number | bigint | string | boolean): void {
    const types = this.#typesOf(measurement);
    const first = types.get(field);
    const type = typeof value as Type;
    if (first === type) return;
    if (first !== undefined) {
      const reason = `${NAMES[type]}, but ${NAMES[first]} before; a database keeps the type of a field and refuses others`;
      this.add(`${measurement}.${field}`, reason);
    } else if (this.#remembered < MOST_REMEMBERED) {
      this.#remembered += 1;
      this.#types.set(measurement, types.set(field, type));
    }
  }

  #typesOf(measurement: string): Map<string, Type> {
    if (this.#last?.measurement !== measurement)
      this.#last = { measurement, types: this.#types.get(measurement) ?? new Map<string, Type>() };
    return this.#last.types;
  }
}

function describe(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value);
  if (value === null) return 'null';
  const name = NAMES[typeof value as Type] as string | undefined;
  return name ?? (Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`);
}
