/** The box above the hosts: `role=db state!=up cpu>80`, and words. */
import type { HostRow } from './trouble.ts';

export interface HostFilter {
  readonly matches: (row: HostRow) => boolean;
  /** Parts that say nothing, such as `cpu>high`. */
  readonly bad: readonly string[];
}

type Test = (row: HostRow) => boolean;
type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=';

/** Null: it is not known, and no comparison holds. */
const NUMBERS: Readonly<Record<string, (row: HostRow) => number | null>> = {
  cpu: ({ vitals }) => vitals.cpu,
  memory: ({ vitals }) => vitals.memory,
  disk: ({ vitals }) => vitals.disk,
  load: ({ vitals }) => vitals.load,
  /** Seconds, whatever the direction. */
  clock: ({ offsetMs }) => (offsetMs === null ? null : Math.abs(offsetMs) / 1000),
  waiting: ({ lines }) => lines.pending,
  missing: ({ lines }) => lines.missing,
  lost: ({ lines }) => lines.lost,
};

/** What is not one of these is a tag. */
const TEXTS: Readonly<Record<string, (row: HostRow) => readonly string[]>> = {
  state: ({ presence, isRevoked }) => [isRevoked ? 'revoked' : presence],
  host: ({ name }) => [name],
  version: ({ version }) => [version],
  address: ({ addresses }) => addresses,
};

const COMPARE: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

export function parseHostFilter(text: string): HostFilter {
  const tests: Test[] = [];
  const bad: string[] = [];
  for (const part of text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? []) {
    const test = testOf(part.replaceAll('"', ''));
    if (test === undefined) bad.push(part);
    else tests.push(test);
  }
  return { matches: (row) => tests.every((test) => test(row)), bad };
}

function testOf(part: string): Test | undefined {
  const [, key, operator, value = ''] = /^([^=<>!]+)(!=|>=|<=|=|>|<)(.*)$/.exec(part) ?? [];
  if (key === undefined) return wordTest(part.toLowerCase());
  const number = NUMBERS[key.toLowerCase()];
  if (number !== undefined) return numberTest(number, operator as Operator, value);
  if (operator !== '=' && operator !== '!=') return undefined;
  const texts = TEXTS[key.toLowerCase()] ?? (({ tags }: HostRow) => [tags[key] ?? '']);
  const pattern = patternOf(value);
  return (row) => texts(row).some((one) => pattern.test(one)) === (operator === '=');
}

function wordTest(word: string): Test {
  return ({ name, tags, addresses, formerNames, look, troubles }) =>
    [
      name,
      ...Object.values(tags),
      ...addresses,
      ...formerNames.map((former) => former.name),
      look.word,
      ...troubles.map(({ says }) => says),
    ].some((text) => text.toLowerCase().includes(word));
}

function numberTest(of: (row: HostRow) => number | null, operator: Operator, text: string): Test | undefined {
  const limit = Number(text.replace(/%$/, ''));
  if (text === '' || !Number.isFinite(limit)) return undefined;
  return (row) => {
    const value = of(row);
    return value !== null && COMPARE[operator](value, limit);
  };
}

/** All of a value; `*` is anything. */
function patternOf(value: string): RegExp {
  const parts = value.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}

/** A value as one part of a filter. */
export function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}
