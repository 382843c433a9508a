/**
 * Arithmetic and conditions in CEL, behind two functions so that the engine can be exchanged. Where a value is missing or
 * has the wrong type, the answer is "cannot be told" and never false.
 */
import { Environment } from '@marcbachmann/cel-js';

/** `disk.free` → what is there now. Numbers are doubles. */
export type Values = Readonly<Record<string, Readonly<Record<string, number | string | boolean>>>>;

export interface Expression {
  /** @returns undefined if a value that decides is missing */
  evaluate(values: Values | Readonly<Record<string, number>>): unknown;
}

/** Measurement → its fields and whether they are numbers; or a plain number. */
export type Variables = Readonly<Record<string, 'double' | 'map'>>;

const LIMITS = { maxAstNodes: 200, maxDepth: 20, maxCallArguments: 8 };
const MAX_TEXT = 1000;
const MIXED = ['+', '-', '*', '/'] as const;

/**
 * @param result what it must give
 * @throws RangeError that says what is wrong, and where
 */
export function compileExpression(text: string, variables: Variables, result: 'double' | 'bool'): Expression {
  if (text.length > MAX_TEXT) throw new RangeError(`An expression has at most ${MAX_TEXT} characters`);
  if (/\bmatches\s*\(/.test(withoutTexts(text))) {
    throw new RangeError(
      '"matches" is not offered, since a regular expression may take for ever; use "where", or startsWith',
    );
  }
  const environment = environmentOf(variables);
  try {
    const check = environment.check(text);
    if (!check.valid) throw check.error ?? new RangeError('It is not an expression');
    const accepted = result === 'bool' ? ['bool', 'dyn'] : ['double', 'int', 'dyn'];
    if (check.type !== undefined && !accepted.includes(check.type)) {
      throw new RangeError(`It gives ${check.type}, but ${result === 'bool' ? 'true or false' : 'a number'} is needed`);
    }
    const run = environment.parse(text);
    return {
      evaluate(values) {
        try {
          const value: unknown = run(values);
          return typeof value === 'bigint' ? Number(value) : value;
        } catch {
          // A key that is not there, or a type that does not fit: there is nothing to judge.
          return undefined;
        }
      },
    };
  } catch (error) {
    throw new RangeError(onOneLine((error as Error).message), { cause: error });
  }
}

/** The library draws the text with a caret under it, over several lines. */
function onOneLine(message: string): string {
  const [first = '', ...drawing] = message.split('\n');
  const line = drawing.find((each) => each.startsWith('>')) ?? '';
  const caret = drawing.find((each) => /^\s*\^\s*$/.test(each));
  return caret === undefined ? first : `${first} at character ${caret.indexOf('^') - line.indexOf('| ') - 1}`;
}

/** `measurement.field` of an expression, texts in quotes left out. */
export function fieldsIn(text: string): readonly string[] {
  return [...new Set(withoutTexts(text).match(/\b[A-Za-z_]\w*\.[A-Za-z_]\w*\b(?!\s*\()/g) ?? [])];
}

/** The plain names in it. */
export function identifiersIn(text: string): readonly string[] {
  const names = withoutTexts(text).match(/(?<![\w.])[A-Za-z_]\w*\b(?!\s*[.(])/g) ?? [];
  return [...new Set(names)].filter((name) => !['true', 'false', 'null', 'in'].includes(name));
}

function withoutTexts(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
}

/** In CEL whole and other numbers do not mix; here they do, as everybody expects of `100 - value`. */
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
