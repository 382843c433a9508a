/** An alert in the data model of Alertmanager: identifying labels and descriptive annotations, all of them strings. */
import { formatValue, type AlertView, type Tags } from '../plugin/index.ts';

export function alertLabels({ rule, level, host, tags, labels }: AlertView): Tags {
  return { ...labels, ...tags, alertname: rule, severity: level, instance: host, job: 'healthd' };
}

export function alertAnnotations({ summary, description, runbook, value, threshold, unit, detail }: AlertView): Tags {
  const all = {
    summary,
    description,
    runbook_url: runbook,
    value: value === undefined ? undefined : formatValue(value, unit),
    threshold: threshold === undefined ? undefined : formatValue(threshold, unit),
    detail,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
