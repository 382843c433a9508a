import { createHmac, randomBytes } from 'node:crypto';

/** New in every process: fingerprints cover secrets, and without the key nobody can test guesses against one. */
const KEY = randomBytes(32);

/** A hash that is equal, within this process, exactly for deeply equal values. Key order is ignored; `undefined` is absent. */
export function fingerprint(value: unknown): string {
  return createHmac('sha256', KEY).update(canonical(value)).digest('hex').slice(0, 32);
}

/** JSON with sorted keys, and tagged forms for types that JSON loses. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return scalar(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value instanceof Map) return `Map${canonical([...value])}`;
  if (value instanceof Set) return `Set${canonical([...value])}`;
  if (value instanceof RegExp || value instanceof URL)
    return `${value.constructor.name}(${JSON.stringify(String(value))})`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'function' ? `function(${JSON.stringify(String(value))})` : String(value);
}
