/**
 * Arithmetic and conditions in CEL, behind an interface so that the CEL engine can be replaced. A missing value, or one of
 * the wrong type, gives undefined and never false.
 */
import { Environment } from '@marcbachmann/cel-js';

/** Measurement → field → current value. Numbers are doubles. */
export type Values = Readonly<Record<string, Readonly<Record<string, number | string | boolean>>>>;

export interface Expression {
  /** @returns undefined if a required value is missing */
  evaluate(values: Values | Readonly<Record<string, number>>): unknown;
}

/** Name → type: `map` for a measurement with its fields, `double` for a number. */
export type Variables = Readonly<Record<string, 'double' | 'map'>>;

const LIMITS = { maxAstNodes: 200, maxDepth: 20, maxCallArguments: 8 };
const MAX_TEXT = 1000;
const MIXED = ['+', '-', '*', '/'] as const;

/**
 * @param result type of the result
 * @throws RangeError with the fault and its position
 */
export function compileExpression(text: string, variables: Variables, result: 'double' | 'bool'): Expression {
  if (text.length > MAX_TEXT) throw new RangeError(`it is longer than ${MAX_TEXT} characters`);
  if (/\bmatches\s*\(/.test(withoutStrings(text))) {
    throw new RangeError(
      '"matches" is not supported, since a regular expression may take exponential time; use "where" or startsWith',
    );
  }
  const environment = environmentOf(variables);
  try {
    const check = environment.check(text);
    if (!check.valid) throw check.error ?? new RangeError('it cannot be parsed');
    const accepted = result === 'bool' ? ['bool', 'dyn'] : ['double', 'int', 'dyn'];
    if (check.type !== undefined && !accepted.includes(check.type)) {
      throw new RangeError(`its type is ${check.type}, but must be ${result === 'bool' ? 'bool' : 'a number'}`);
    }
    const run = environment.parse(text);
    return {
      evaluate(values) {
        try {
          const value: unknown = run(values);
          return typeof value === 'bigint' ? Number(value) : value;
        } catch {
          // A missing field or a type mismatch.
          return undefined;
        }
      },
    };
  } catch (error) {
    throw new RangeError(onOneLine((error as Error).message), { cause: error });
  }
}

/** Replaces the library's excerpt with a caret, which takes several lines, by the position. */
function onOneLine(message: string): string {
  const [first = '', ...excerpt] = message.split('\n');
  const line = excerpt.find((each) => each.startsWith('>')) ?? '';
  const caret = excerpt.find((each) => /^\s*\^\s*$/.test(each));
  return caret === undefined ? first : `${first} at character ${caret.indexOf('^') - line.indexOf('| ') - 1}`;
}

/** Every `measurement.field` of an expression, outside of strings. */
export function fieldsIn(text: string): readonly string[] {
  return [...new Set(withoutStrings(text).match(/\b[A-Za-z_]\w*\.[A-Za-z_]\w*\b(?!\s*\()/g) ?? [])];
}

/** The identifiers of an expression that are neither members nor functions. */
export function identifiersIn(text: string): readonly string[] {
  const names = withoutStrings(text).match(/(?<![\w.])[A-Za-z_]\w*\b(?!\s*[.(])/g) ?? [];
  return [...new Set(names)].filter((name) => !['true', 'false', 'null', 'in'].includes(name));
}

function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
}

/** CEL does not mix int and double. Here `100 - value` must work, so mixed operators are added. */
function environmentOf(variables: Variables): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS });
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  const apply = {
    '+': (a: number, b: number) => a + b,
    '-': (a: number, b: number) => a - b,
    '*': (a: number, b: number) => a * b,
    '/': (a: number, b: number) => a / b,
  };
  for (const sign of MIXED) {
    const calculate = (a: unknown, b: unknown) => apply[sign](Number(a), Number(b));
    environment.registerOperator(`double ${sign} int: double`, calculate);
    environment.registerOperator(`int ${sign} double: double`, calculate);
  }
  return environment;
}
