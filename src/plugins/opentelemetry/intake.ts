/** What a request becomes: points, and what was rejected of it. */
import type { FieldValue } from '../../plugin/index.ts';

export interface Point {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldValue | undefined>;
  /** Nanoseconds since the Unix epoch; undefined: not known. */
  readonly time: bigint | undefined;
}

/** Of a name, a tag and a field's name: what InfluxDB takes. Characters. */
const MAX_NAME = 65_535;
const MAX_TAGS = 256;
const MAX_FIELDS = 1024;
/** Of all points together: the attributes of one resource become tags of every point. Characters. */
const MAX_SIZE = 64 * 1024 * 1024;
/** Beside names and texts. */
const FIELD_SIZE = 20;

const INT64_MAX = 2n ** 63n - 1n;

/** Different reasons that an answer names. */
const MOST_REASONS = 20;
const MAX_PRINTED = 100;

export class Intake {
  readonly points: Point[] = [];
  rejected = 0;
  readonly #most: number;
  readonly #reasons = new Map<string, number>();
  #size = 0;

  /** @param most points and rejected ones */
  constructor(most: number) {
    this.#most = most;
  }

  /** Rejects it instead if no database would take it. @throws RangeError for too many points, or too large ones */
  add(point: Point): void {
    const reason = reasonAgainst(point);
    if (reason !== undefined) {
      this.reject(point.name, reason);
      return;
    }
    this.#count();
    this.#size += sizeOf(point);
    if (this.#size > MAX_SIZE)
      throw new RangeError(`with the attributes of their resources, the points take more than ${MAX_SIZE} bytes`);
    this.points.push(point);
  }

  /** @throws RangeError for too many points */
  reject(name: string, reason: string): void {
    this.#count();
    this.rejected += 1;
    this.warn(name, reason);
  }

  /** Something is left out of a point that is taken. */
  warn(name: string, reason: string): void {
    const text = `${printed(name) || 'a metric without a name'}: ${reason}`;
    const count = this.#reasons.get(text);
    if (count !== undefined || this.#reasons.size <= MOST_REASONS) this.#reasons.set(text, (count ?? 0) + 1);
  }

  /** Empty if there is nothing to say. */
  get message(): string {
    const named = [...this.#reasons].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
    return named.length > MOST_REASONS ? `${named.slice(0, MOST_REASONS).join('; ')}; and others` : named.join('; ');
  }

  #count(): void {
    if (this.points.length + this.rejected >= this.#most)
      throw new RangeError(`more than ${this.#most} points; send smaller batches, or raise the option max_points`);
  }
}

function reasonAgainst({ name, tags, fields, time }: Point): string | undefined {
  if (name === '') return 'the name is missing';
  if (name.length > MAX_NAME) return `the name is longer than ${MAX_NAME} characters`;
  if (tags.size > MAX_TAGS) return `more than ${MAX_TAGS} attributes`;
  if (fields.size > MAX_FIELDS) return `more than ${MAX_FIELDS} values`;
  for (const [key, value] of tags)
    if (key.length > MAX_NAME || value.length > MAX_NAME)
      return `the attribute ${printed(key)} is longer than ${MAX_NAME} characters`;
  return time !== undefined && time > INT64_MAX ? 'the time is after the year 2262' : undefined;
}

function sizeOf({ name, tags, fields }: Point): number {
  let size = name.length;
  for (const [key, value] of tags) size += key.length + value.length;
  for (const [key, value] of fields) size += key.length + (typeof value === 'string' ? value.length : FIELD_SIZE);
  return size;
}

/** What an answer may hold. */
export function printed(text: string): string {
  return text.slice(0, MAX_PRINTED).replace(/[^\x20-\x7e]+/g, '?');
}
