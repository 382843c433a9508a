/** A parser under test, with what it promises. */
import { types } from 'node:util';

export interface Target {
  readonly name: string;
  /** Part of the inputs that it gets, by its cost: most have 1. */
  readonly share: number;
  readonly examples: readonly Buffer[];
  /** Length of its largest inputs, bytes. */
  readonly longest: number;
  /** @throws if the parser breaks a promise */
  check(input: Buffer): Promise<void>;
}

interface Promises<Parsed> {
  readonly share?: number;
  readonly examples: readonly (string | Uint8Array)[];
  readonly longest?: number;
  parse(input: Buffer): Parsed | Promise<Parsed>;
  /** Classes of errors that the parser documents. Default: none, it never throws. */
  readonly throws?: readonly string[];
  /** Checks what was returned. */
  readonly holds?: (parsed: Awaited<Parsed>, input: Buffer) => void;
}

const DEFAULT_LONGEST = 64 * 1024;

/** For one input, ms: a hundred times what any of them needs, for a busy machine. */
const MAX_TIME = 1000;

export function target<Parsed>(name: string, promises: Promises<Parsed>): Target {
  const { share = 1, examples, longest = DEFAULT_LONGEST, holds } = promises;
  return {
    name,
    share,
    examples: examples.map((example) => Buffer.from(example)),
    longest,
    async check(input) {
      const first = await attempt(promises, input);
      // Twice, since another process may have taken the first second.
      const time = first.time > MAX_TIME ? (await attempt(promises, input)).time : first.time;
      if (time > MAX_TIME) throw new Error(`takes ${Math.round(time)} ms for ${input.length} bytes`);
      if (first.parsed !== undefined) holds?.(first.parsed.value, input);
    },
  };
}

interface Attempt<Parsed> {
  /** Undefined if a documented error was thrown. */
  readonly parsed: { readonly value: Awaited<Parsed> } | undefined;
  /** ms. */
  readonly time: number;
}

async function attempt<Parsed>({ parse, throws = [] }: Promises<Parsed>, input: Buffer): Promise<Attempt<Parsed>> {
  const started = performance.now();
  let parsed: Attempt<Parsed>['parsed'];
  try {
    parsed = { value: await parse(Buffer.from(input)) };
  } catch (error) {
    if (!isDocumented(error, throws)) throw error;
  }
  return { parsed, time: performance.now() - started };
}

/** By the name of the class, since an error may be of another realm. A full stack is never documented. */
function isDocumented(error: unknown, classes: readonly string[]): boolean {
  if (!types.isNativeError(error) || /call stack/.test(error.message)) return false;
  return classes.includes(error.constructor.name);
}
