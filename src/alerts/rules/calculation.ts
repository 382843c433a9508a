/** `calc`: fields of one measurement → the number that is evaluated. */
import type { NumberPlan } from './number-evaluator.ts';
import { guarded } from './rule-fault.ts';
import type { RuleConfig } from './schema.ts';

/** The forms that stock rules and most others use need no expression language, whose import takes 50 ms. */
const DIFFERENCE = /^\s*(\d+(?:\.\d+)?)\s*-\s*value\s*$/;
const QUOTIENT = /^\s*value\s*\/\s*([a-z]\w*)\s*$/;

/**
 * @param operands receives the fields that the expression uses
 * @throws RuleFault
 */
export async function calculationOf(
  { calc: text }: RuleConfig,
  operands: { measurement: string; field: string }[],
): Promise<NumberPlan['calculate']> {
  if (text === undefined) return undefined;
  const from = DIFFERENCE.exec(text)?.[1];
  if (from !== undefined) return ([value]) => (value === undefined ? undefined : Number(from) - value);
  const divisor = QUOTIENT.exec(text)?.[1];
  if (divisor !== undefined) return quotient(operands, divisor);
  const { compileExpression, identifiersIn } = await import('./expression.ts');
  const measurement = operands[0]?.measurement ?? '';
  const names = identifiersIn(text).filter((name) => name !== 'value');
  const first = operands.length;
  operands.push(...names.map((field) => ({ measurement, field })));
  const variables = Object.fromEntries(['value', ...names].map((name) => [name, 'double'] as const));
  const expression = guarded(['calc'], () => compileExpression(text, variables, 'double'));
  return (values) => {
    const context: Record<string, number> = {};
    for (const [index, name] of ['value', ...names].entries()) {
      const value = values[index === 0 ? 0 : first + index - 1];
      if (value === undefined) return undefined;
      context[name] = value;
    }
    const result = expression.evaluate(context);
    return typeof result === 'number' ? result : undefined;
  };
}

function quotient(operands: { measurement: string; field: string }[], field: string): NumberPlan['calculate'] {
  operands.push({ measurement: operands[0]?.measurement ?? '', field });
  const index = operands.length - 1;
  return (values) => {
    const [value, divisor] = [values[0], values[index]];
    return value === undefined || divisor === undefined ? undefined : value / divisor;
  };
}
