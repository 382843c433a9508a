/** An alert in the data model of Alertmanager: identifying labels and descriptive annotations, all of them strings. */
import { formatValue, tableText, truncate, valueText, type AlertView, type Tags } from '../plugin/index.ts';

export function alertLabels({ rule, level, host, tags, labels }: AlertView): Tags {
  return { ...labels, ...tags, alertname: rule, severity: level, instance: host, job: 'healthd' };
}

/** Of the captured context. UTF-16 code units. */
const MAX_CONTEXT = 4000;

/** Values are texts with their unit; of an alert for missing data `value` is the last one. */
export function alertAnnotations(alert: AlertView): Tags {
  const { summary, description, runbook, value, firedValue, threshold, unit, detail, silentSince, context } = alert;
  const all = {
    summary,
    description,
    runbook_url: runbook,
    value: valueText(alert, value),
    fired_value: valueText(alert, firedValue),
    threshold: threshold === undefined ? undefined : formatValue(threshold, unit),
    detail,
    silent_since: silentSince === undefined ? undefined : new Date(silentSince).toISOString(),
    context: context.length === 0 ? undefined : truncate(context.map(tableText).join('\n'), MAX_CONTEXT),
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
