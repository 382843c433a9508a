/** Rules for Grafana's unified alerting: a query, a reduction to its last value, and a threshold. */
import type * as sdk from '@grafana/grafana-foundation-sdk/alerting';

import { dashboardUid, FOLDER } from '../naming.ts';
import type { Json, Target } from '../dashboard-json.ts';
import { newestQueryOf, queryOf, type Scope } from '../scope.ts';

import { alertRules, identityOf, type AlertRule } from './rules.ts';

const RULE_GROUP = 'healthd';
const RULE_GROUP_INTERVAL_S = 60;

/** Uid of Grafana's expression data source. */
const EXPRESSIONS = '__expr__';
const DAY_S = 24 * 60 * 60;
const DEFAULT_BUCKET = 'telegraf';

/** The rule itself, equal in provisioning files and the HTTP API, which wrap it differently. */
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

/** @param dataSource uid of the data source to query */
export function grafanaRules(scope: Scope, dataSource: string): readonly GrafanaRule[] {
  return alertRules.map((rule) => grafanaRule(scope, rule, dataSource));
}

function grafanaRule(scope: Scope, rule: AlertRule, dataSource: string): GrafanaRule {
  const { source } = scope.writer;
  const { target, seconds, evaluator } = ruleQuery(scope, rule);
  return {
    uid: `healthd-${rule.name}-${source}`,
    title: rule.title,
    condition: 'C',
    data: [
      {
        refId: 'A',
        datasourceUid: dataSource,
        relativeTimeRange: { from: seconds, to: 0 },
        model: { ...withoutVariables(target, dataSource), intervalMs: 60_000, maxDataPoints: 43_200 },
      },
      expression('B', { type: 'reduce', expression: 'A', reducer: 'last', settings: { mode: 'dropNN' } }),
      expression('C', { type: 'threshold', expression: 'B', conditions: [{ evaluator }] }),
    ],
    // Missing data is an alert only of the absence rule.
    noDataState: rule.type === 'absence' ? 'Alerting' : 'OK',
    execErrState: 'Error',
    // The absence query covers the duration; 2m are two evaluations, because the newest step may just have started.
    for: rule.type === 'absence' ? '2m' : `${rule.minutes}m`,
    labels: { severity: rule.severity, check: rule.check },
    annotations: {
      // Not `$labels`: provisioning files expand `$` as an environment variable.
      summary: `${identityOf(rule)
        .map((tag) => `{{ .Labels.${tag} }}`)
        .join(' ')} ${rule.problem}`,
      dashboard: `/d/${dashboardUid('host', source)}?var-host={{ .Labels.host }}`,
    },
  };
}

interface RuleQuery {
  readonly target: Target;
  /** Length of the time range. */
  readonly seconds: number;
  /** Threshold for the last value. */
  readonly evaluator: { readonly type: 'gt' | 'lt'; readonly params: readonly number[] };
}

function ruleQuery(scope: Scope, rule: AlertRule): RuleQuery {
  if (rule.type === 'limit') {
    const target = scope.writer.series(queryOf(scope, rule.line), 'A', '');
    return { target, seconds: 600, evaluator: { type: 'gt', params: [rule.above] } };
  }
  const { target, isAbsent } = scope.writer.absence(newestQueryOf(scope, { field: rule.field }), 'A', rule.minutes);
  return { target, seconds: DAY_S, evaluator: isAbsent };
}

/** Fills in what a dashboard would take from its variables, which rules do not have. */
function withoutVariables(target: Target, dataSource: string): Target {
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
    groups: [{ orgId: 1, name: RULE_GROUP, folder: FOLDER.title, interval: `${RULE_GROUP_INTERVAL_S}s`, rules }],
  };
}

/** For `PUT /api/v1/provisioning/folder/:folder/rule-groups/:group`. */
export function ruleGroup(rules: readonly GrafanaRule[], folderUid: string) {
  return {
    title: RULE_GROUP,
    folderUid,
    interval: RULE_GROUP_INTERVAL_S,
    rules: rules.map((rule) => ({ ...rule, orgID: 1, folderUID: folderUid, ruleGroup: RULE_GROUP })),
  };
}
