/** Names of topics and subjects that are made of a metric: `telegraf/{host}/{measurement}`, `disks.{tag.path}`. */
import type { Metric } from '../plugin/index.ts';

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** @returns what is wrong with the template, or undefined */
export function templateProblem(template: string): string | undefined {
  for (const [placeholder, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (name !== 'host' && name !== 'measurement' && !/^tag\../.test(name))
      return `does not know ${placeholder}; there are {host}, {measurement} and {tag.NAME}`;
  }
  if (/[{}]/.test(template.replace(PLACEHOLDER, ''))) return 'has a brace without its other half';
  return undefined;
}

/** What a template makes when every value is the same. */
export function filled(template: string, value: string): string {
  return template.replace(PLACEHOLDER, value);
}

/**
 * A function from metrics to topics.
 *
 * @param clean makes of a value what may stand between two separators; is not asked for a missing one, which becomes `_`
 */
export function topicTemplate(template: string, clean: (value: string) => string): (metric: Metric) => string {
  const valueOf = ({ name, tags }: Metric, placeholder: string) =>
    placeholder === 'measurement' ? name : tags[placeholder === 'host' ? 'host' : placeholder.slice('tag.'.length)];
  return (metric) =>
    template.replace(PLACEHOLDER, (_, placeholder: string) => clean(valueOf(metric, placeholder) ?? '') || '_');
}
