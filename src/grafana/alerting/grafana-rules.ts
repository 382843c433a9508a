/** Alert rules in the form of Grafana's unified alerting: a query, what becomes of it, and the limit. */
import type * as sdk from '@grafana/grafana-foundation-sdk/alerting';

import { dashboardUid, FOLDER } from '../naming.ts';
import type { Json, Target } from '../schema.ts';
import { newestQueryOf, queryOf, type Scope } from '../scope.ts';

import { alertRules, identityOf, type AlertRule } from './rule.ts';

export const GROUP = 'healthd';
export const GROUP_INTERVAL_S = 60;

/** Grafana's name of the source of expressions. */
const EXPRESSIONS = '__expr__';
const DAY_S = 24 * 60 * 60;
const DEFAULT_BUCKET = 'telegraf';

/** As both the provisioning files and the HTTP API take it; they differ in what is around it. */
export interface GrafanaRule {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly data: readonly GrafanaRuleStep[];
  readonly noDataState: sdk.Rule['noDataState'];
  readonly execErrState: sdk.Rule['execErrState'];
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

type GrafanaRuleStep = Required<Omit<Json<sdk.Query>, 'model' | 'queryType'>> & { readonly model: unknown };

/** @param dataSource uid of the data source in Grafana */
export function grafanaRules(scope: Scope, dataSource: string): readonly GrafanaRule[] {
  return alertRules.map((rule) => grafanaRule(scope, rule, dataSource));
}

function grafanaRule(scope: Scope, rule: AlertRule, dataSource: string): GrafanaRule {
  const { source } = scope.writer;
  const { target, seconds, evaluator } = question(scope, rule);
  return {
    uid: `healthd-${rule.name}-${source}`,
    title: rule.title,
    condition: 'C',
    data: [
      {
        refId: 'A',
        datasourceUid: dataSource,
        relativeTimeRange: { from: seconds, to: 0 },
        model: { ...inRule(target, dataSource), intervalMs: 60_000, maxDataPoints: 43_200 },
      },
      expression('B', { type: 'reduce', expression: 'A', reducer: 'last', settings: { mode: 'dropNN' } }),
      expression('C', { type: 'threshold', expression: 'B', conditions: [{ evaluator }] }),
    ],
    // Hosts that say nothing are the business of one rule alone.
    noDataState: rule.type === 'silence' ? 'Alerting' : 'OK',
    execErrState: 'Error',
    // What is silent already was so for some time; two tries, because the newest step of time may just have begun.
    for: rule.type === 'silence' ? '2m' : `${rule.minutes}m`,
    labels: { severity: rule.severity, check: rule.check },
    annotations: {
      // Not `$labels`: in provisioning files a dollar begins a variable of the environment.
      summary: `${identityOf(rule)
        .map((tag) => `{{ .Labels.${tag} }}`)
        .join(' ')} ${rule.problem}`,
      dashboard: `/d/${dashboardUid('host', source)}?var-host={{ .Labels.host }}`,
    },
  };
}

interface Question {
  readonly target: Target;
  /** How far back it looks. */
  readonly seconds: number;
  /** When the last value means trouble. */
  readonly evaluator: { readonly type: 'gt' | 'lt'; readonly params: readonly number[] };
}

function question(scope: Scope, rule: AlertRule): Question {
  if (rule.type === 'limit') {
    const target = scope.writer.series(queryOf(scope, rule.line), 'A', '');
    return { target, seconds: 600, evaluator: { type: 'gt', params: [rule.above] } };
  }
  const { target, isSilent } = scope.writer.silence(newestQueryOf(scope, { field: rule.field }), 'A', rule.minutes);
  return { target, seconds: DAY_S, evaluator: isSilent };
}

/** A rule has no variables, so what a dashboard lets people choose is filled in. */
function inRule(target: Target, dataSource: string): Target {
  const datasource = { ...target.datasource, uid: dataSource };
  if ('expr' in target) {
    return {
      ...target,
      datasource,
      expr: target.expr.replaceAll('$__rate_interval', '5m'),
      range: false,
      instant: true,
    };
  }
  return { ...target, datasource, query: target.query.replaceAll('${bucket}', DEFAULT_BUCKET) };
}

function expression(refId: string, model: Readonly<Record<string, unknown>>): GrafanaRuleStep {
  return {
    refId,
    datasourceUid: EXPRESSIONS,
    relativeTimeRange: { from: 0, to: 0 },
    model: { refId, datasource: { type: EXPRESSIONS, uid: EXPRESSIONS }, ...model },
  };
}

/** For files in `provisioning/alerting/`. */
export function ruleFile(rules: readonly GrafanaRule[]) {
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: GROUP, folder: FOLDER.title, interval: `${GROUP_INTERVAL_S}s`, rules }],
  };
}

/** For `PUT /api/v1/provisioning/folder/:folder/rule-groups/:group`. */
export function ruleGroup(rules: readonly GrafanaRule[], folderUid: string) {
  return {
    title: GROUP,
    folderUid,
    interval: GROUP_INTERVAL_S,
    rules: rules.map((rule) => ({ ...rule, orgID: 1, folderUID: folderUid, ruleGroup: GROUP })),
  };
}
