/** Texts: each different one once, in the order of their first use, then the number of each value's text. */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { CorruptBlockError } from './corrupt-block.ts';

export function writeTexts(writer: ByteWriter, values: readonly string[]): void {
  const numbers = new Map<string, number>();
  for (const value of values) if (!numbers.has(value)) numbers.set(value, numbers.size);
  writer.varint(numbers.size);
  for (const text of numbers.keys()) writer.text(text);
  if (numbers.size > 1) for (const value of values) writer.varint(numbers.get(value) ?? 0);
}

export function readTexts(reader: ByteReader, count: number): string[] {
  const size = reader.varint();
  if (size > count) throw new CorruptBlockError('it has more texts than values');
  const texts = Array.from({ length: size }, () => reader.text());
  return Array.from({ length: count }, () => {
    const text = texts[size > 1 ? reader.varint() : 0];
    if (text === undefined) throw new CorruptBlockError('a text is missing');
    return text;
  });
}
