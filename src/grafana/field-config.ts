/** Settings common to all panel types: title, description, units, limits, overrides. */
import type { Limits, Line, PanelDefinition } from './definition.ts';
import type { FieldConfig, Override, Thresholds } from './dashboard-json.ts';
import { facts, queryOf, type Scope } from './scope.ts';
import { grafanaUnit } from './units.ts';
import { selectedDataSource } from './writers/writer.ts';

/** Minimum step: the default interval of agents. With finer steps a sum would miss hosts that report in another step. */
const MIN_STEP = '10s';

/** @param lines their catalog help describes the panel if it has no `help` */
export function panelHeader(scope: Scope, { title, help }: PanelDefinition, lines: readonly Line[]) {
  const description = help ?? catalogHelp(scope, lines);
  return {
    title,
    ...(description === '' ? {} : { description }),
    datasource: selectedDataSource(scope.writer.plugin),
    interval: MIN_STEP,
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

export function valueFormat(scope: Scope, { unit, limits }: Formatted, [line]: readonly Line[]): FieldConfig {
  return {
    ...(line === undefined ? {} : { unit: unit ?? unitOf(scope, line) }),
    thresholds: thresholds(limits),
  };
}

export function unitOf(scope: Scope, line: Line): string {
  return grafanaUnit(facts(scope, line.field).unit, queryOf(scope, line).reduce === 'rate');
}

/** @param good the colour below the limits */
export function thresholds(limits: Limits | undefined, good = 'green'): Thresholds {
  if (limits === undefined) return steps(good);
  const [warning, critical] = limits;
  const reds = critical === undefined ? [] : [[critical, 'red'] as const];
  // Grafana does not define which of two steps with the same value wins.
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
