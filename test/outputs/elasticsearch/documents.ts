import { formatLine } from '../../../src/metric/line-protocol.ts';
import type { FieldValue } from '../../../src/plugin/index.ts';
import { Digits, parseExactly } from '../../support/fakes/elasticsearch-mapping.ts';

/** The documents of a bulk request, converted back to line protocol. */
export function linesOf(bulk: string): readonly string[] {
  const documents = bulk.split('\n').filter((line, index) => index % 2 === 1 && line !== '');
  return documents.map((text) => {
    const { '@timestamp': time, measurement_name: name, tag, ...rest } = parseExactly(text).document;
    const fields = Object.entries(rest[name as string] as object).map(([key, value]) => [key, fieldOf(value)] as const);
    const [seconds = '', fraction = ''] = (time as string).slice(0, -1).split('.');
    const metric = { name: name as string, tags: tag as Record<string, string>, fields: Object.fromEntries(fields) };
    return `${formatLine({ ...metric, time: BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction) })}\n`;
  });
}

function fieldOf(value: unknown): FieldValue {
  if (!(value instanceof Digits)) return value as FieldValue;
  return /^-?\d+$/.test(value.text) ? BigInt(value.text) : Number(value.text);
}
