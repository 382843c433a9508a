/** Checks what an external processor returns, so that the error names it rather than whatever meets the value later. */
import { inspect } from 'node:util';

/** Longest text of a value in a message. Characters. */
const MAX_SHOWN = 120;

/** @throws TypeError for what is neither a metric, nor a list of metrics, nor undefined */
export function checkProcessed(result: unknown): void {
  if (result === undefined) return;
  if (result === null) throw new TypeError('process returned null; to drop a metric, return undefined');
  if (isPromise(result)) throw new TypeError('process returned a promise; a processor is synchronous');
  for (const metric of Array.isArray(result) ? result : [result]) checkMetric('process', metric);
}

/** @throws TypeError for what is no list of metrics */
export function checkFlushed(result: unknown): void {
  if (isPromise(result)) throw new TypeError('flush returned a promise; a processor is synchronous');
  if (!Array.isArray(result)) throw new TypeError(`flush returned ${shown(result)}, which is no list of metrics`);
  for (const metric of result) checkMetric('flush', metric);
}

function checkMetric(method: string, value: unknown): void {
  const fault = faultOf(value);
  if (fault !== undefined) throw new TypeError(`${method} returned ${shown(value)}, which is no metric: ${fault}`);
}

function faultOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is no object';
  const { name, tags, fields, time } = value;
  if (typeof name !== 'string' || name === '') return '"name" must be text that is not empty';
  if (typeof time !== 'bigint') return '"time" must be a bigint of nanoseconds';
  if (!isObject(tags)) return '"tags" must be an object';
  if (!isObject(fields)) return '"fields" must be an object';
  for (const key in tags) if (typeof tags[key] !== 'string') return `the tag "${key}" must be text`;
  let some = false;
  for (const key in fields) {
    if (!isFieldValue(fields[key])) return `the field "${key}" must be a number, bigint, text or boolean`;
    some = true;
  }
  return some ? undefined : 'it has no field';
}

function isFieldValue(value: unknown): boolean {
  return (
    typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' || typeof value === 'boolean'
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPromise(value: unknown): boolean {
  return isObject(value) && typeof value['then'] === 'function';
}

function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 40, maxArrayLength: 3 });
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
