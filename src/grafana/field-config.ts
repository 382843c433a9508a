/** What panels of all kinds say of their values: units, limits, names, descriptions. */
import type { Limits, Line, PanelDefinition } from './definition.ts';
import type { FieldConfig, Override, Thresholds } from './schema.ts';
import { facts, queryOf, type Scope } from './scope.ts';
import { grafanaUnit } from './units.ts';
import { chosenDataSource } from './writers/writer.ts';

/** Steps of time are not finer than what agents report by default; else sums would miss who reports in another step. */
const LEAST_STEP = '10s';

/** @param lines whose help from the catalogs describes the panel if it has none of its own */
export function head(scope: Scope, { title, help }: PanelDefinition, lines: readonly Line[]) {
  const description = help ?? catalogHelp(scope, lines);
  return {
    title,
    ...(description === '' ? {} : { description }),
    datasource: chosenDataSource(scope.writer.plugin),
    interval: LEAST_STEP,
  };
}

function catalogHelp(scope: Scope, lines: readonly Line[]): string {
  const helps = lines.map(({ field, label }) => ({ label, help: facts(scope, field).help }));
  const [first] = helps;
  if (helps.length === 1 && first !== undefined) return first.help;
  return helps.map(({ label, help }) => `- ${label ?? ''}: ${help}`).join('\n');
}

interface Formatted {
  readonly unit?: string;
  readonly limits?: Limits;
}

export function format(scope: Scope, { unit, limits }: Formatted, [line]: readonly Line[]): FieldConfig {
  return {
    ...(line === undefined ? {} : { unit: unit ?? unitOf(scope, line) }),
    thresholds: thresholds(limits),
  };
}

export function unitOf(scope: Scope, line: Line): string {
  return grafanaUnit(facts(scope, line.field).unit, queryOf(scope, line).reduce === 'rate');
}

/** @param good the colour of what is within the limits */
export function thresholds(limits: Limits | undefined, good = 'green'): Thresholds {
  if (limits === undefined) return steps(good);
  const [warning, critical] = limits;
  const reds = critical === undefined ? [] : [[critical, 'red'] as const];
  // Grafana does not promise which of two steps counts that begin at one value.
  return warning === critical ? steps(good, ...reds) : steps(good, [warning, 'orange'], ...reds);
}

function steps(base: string, ...from: readonly (readonly [value: number, color: string])[]): Thresholds {
  return {
    mode: 'absolute',
    steps: [{ value: null, color: base }, ...from.map(([value, color]) => ({ value, color }))],
  };
}

export function override(
  matcher: 'byName' | 'byFrameRefID',
  options: string,
  properties: Readonly<Record<string, unknown>>,
): Override {
  return {
    matcher: { id: matcher, options },
    properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
  };
}
