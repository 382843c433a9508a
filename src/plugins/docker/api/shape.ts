import { AnswerError } from './request-error.ts';

/** What an answer must have for the rest of the plugin to read it: a list of objects, or an object with these parts. */
export type Shape = 'list' | readonly string[];

/** @throws AnswerError that says what came instead */
export function checkShape(answer: unknown, shape: Shape): void {
  if (shape === 'list') {
    if (!Array.isArray(answer)) throw new AnswerError(`the daemon answered ${kindOf(answer)} instead of a list`);
    const odd = answer.findIndex((item) => !isObject(item));
    if (odd >= 0)
      throw new AnswerError(`item ${odd} of the daemon's list is ${kindOf(answer[odd])} instead of an object`);
    return;
  }
  if (!isObject(answer)) throw new AnswerError(`the daemon answered ${kindOf(answer)} instead of an object`);
  const missing = shape.find((path) => !isObject(at(answer, path)));
  if (missing !== undefined) throw new AnswerError(`the daemon's answer has no ${missing}`);
}

/** @param path of keys, joined by dots */
function at(answer: unknown, path: string): unknown {
  return path.split('.').reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), answer);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : `a ${typeof value}`.replace('a object', 'an object');
}
