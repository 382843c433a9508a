import { Reservoir } from './reservoir.ts';

export type NumericType = 'int' | 'float';

/** The values of one field in one window. Minimum, maximum and sum keep the type of the field; the others are floats. */
export class Summary {
  readonly #type: NumericType;
  readonly #reservoir: Reservoir | undefined;
  #count = 0;
  #min: number | bigint = 0;
  #max: number | bigint = 0;
  #sum: number | bigint;
  /** Welford's running mean and sum of squared differences: exact where a sum of squares would cancel out. */
  #mean = 0;
  #squares = 0;

  constructor(type: NumericType, keepsValues: boolean) {
    this.#type = type;
    this.#sum = type === 'int' ? 0n : 0;
    this.#reservoir = keepsValues ? new Reservoir() : undefined;
  }

  /** Converts values of the other type: a field must not change its type in the database. */
  add(given: number | bigint): void {
    const value = this.#type === 'int' ? toInteger(given) : Number(given);
    this.#count += 1;
    if (this.#count === 1 || value < this.#min) this.#min = value;
    if (this.#count === 1 || value > this.#max) this.#max = value;
    this.#sum = addNumbers(this.#sum, value);

    const float = Number(value);
    const difference = float - this.#mean;
    this.#mean += difference / this.#count;
    this.#squares += difference * (float - this.#mean);
    this.#reservoir?.add(float);
  }

  get count(): number {
    return this.#count;
  }

  get min(): number | bigint {
    return this.#min;
  }

  get max(): number | bigint {
    return this.#max;
  }

  get sum(): number | bigint {
    return this.#sum;
  }

  get mean(): number {
    return Number(this.#sum) / this.#count;
  }

  /** Sample standard deviation (n − 1); undefined for a single value. */
  get deviation(): number | undefined {
    return this.#count < 2 ? undefined : Math.sqrt(this.#squares / (this.#count - 1));
  }

  /** @param fraction 0 to 1 */
  percentile(fraction: number): number | undefined {
    return this.#reservoir?.percentile(fraction);
  }
}

function toInteger(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : BigInt(Math.round(value));
}

function addNumbers(a: number | bigint, b: number | bigint): number | bigint {
  return typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b);
}
