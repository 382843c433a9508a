/** Templates for topics and subjects: `telegraf/{host}/{measurement}`, `disks.{tag.path}`. */
import type { Metric } from '../plugin/index.ts';

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** @returns what is wrong with the template; undefined if it is valid */
export function templateProblem(template: string): string | undefined {
  for (const [placeholder, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (name !== 'host' && name !== 'measurement' && !/^tag\../.test(name))
      return `has the unknown placeholder ${placeholder}; use {host}, {measurement} or {tag.NAME}`;
  }
  if (/[{}]/.test(template.replace(PLACEHOLDER, ''))) return 'has an unmatched brace';
  return undefined;
}

/** The template with the same value in place of every placeholder. */
export function filled(template: string, value: string): string {
  return template.replace(PLACEHOLDER, value);
}

/**
 * Compiles a template to a function from metrics to topics.
 *
 * @param clean turns a tag value into one valid part between two separators; empty and missing values become `_`
 */
export function topicTemplate(template: string, clean: (value: string) => string): (metric: Metric) => string {
  const valueOf = ({ name, tags }: Metric, placeholder: string) =>
    placeholder === 'measurement' ? name : tags[placeholder === 'host' ? 'host' : placeholder.slice('tag.'.length)];
  return (metric) =>
    template.replace(PLACEHOLDER, (_, placeholder: string) => clean(valueOf(metric, placeholder) ?? '') || '_');
}
