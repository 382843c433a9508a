/** Lists all queries of a dashboard, so that tests can run them against a database without Grafana. */
import type { Annotation, Dashboard, Panel, Target, Variable } from './dashboard-json.ts';

export interface DashboardQuery {
  /** Location for messages: `Host detail (Flux), panel CPU, A`. */
  readonly place: string;
  readonly purpose: 'series' | 'table' | 'variable' | 'annotation';
  readonly text: string;
  /**
   * Placeholders that Grafana replaces, verbatim: variables of the dashboard (`$host`, `${bucket}`) and built-in ones
   * (`$timeFilter`, `$__interval`, `$__rate_interval`, `v.timeRangeStart`).
   */
  readonly placeholders: readonly string[];
}

export function listQueries({ title, panels, templating, annotations }: Dashboard): readonly DashboardQuery[] {
  return [
    ...templating.list.flatMap((variable) => variableQuery(title, variable)),
    ...annotations.list.flatMap((annotation) => annotationQuery(title, annotation)),
    ...allPanels(panels).flatMap((panel) =>
      panel.targets.map((target) =>
        dashboardQuery(
          `${title}, panel ${panel.title ?? ''}, ${target.refId}`,
          purposeOf(panel, target),
          textOf(target),
        ),
      ),
    ),
  ];
}

/** All panels except rows, which are only titles. */
export function allPanels(panels: Dashboard['panels']): readonly Panel[] {
  return panels.filter((panel) => 'targets' in panel);
}

function variableQuery(title: string, { type, name, query }: Variable): readonly DashboardQuery[] {
  if (type !== 'query' || query === undefined) return [];
  const text = typeof query === 'string' ? query : String(query['query']);
  return [dashboardQuery(`${title}, variable ${name}`, 'variable', text)];
}

function annotationQuery(title: string, { name, target }: Annotation): readonly DashboardQuery[] {
  return 'refId' in target ? [dashboardQuery(`${title}, annotation ${name}`, 'annotation', textOf(target))] : [];
}

function purposeOf({ type }: Panel, target: Target): DashboardQuery['purpose'] {
  const format = 'expr' in target ? target.format : 'resultFormat' in target ? target.resultFormat : undefined;
  return type === 'table' || format === 'table' ? 'table' : 'series';
}

function textOf(target: Target): string {
  return 'expr' in target ? target.expr : target.query;
}

function dashboardQuery(place: string, purpose: DashboardQuery['purpose'], text: string): DashboardQuery {
  const placeholders = text.match(/\$\{\w+(?::\w+)?\}|\$\w+|\bv\.\w+/g) ?? [];
  return { place, purpose, text, placeholders: [...new Set(placeholders)] };
}
