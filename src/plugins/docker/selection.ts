import { compileGlobs } from '../../plugin/index.ts';

import type { DockerOptions } from './options.ts';

/** Container states that the daemon can filter by. */
export const STATES = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'] as const;

/** Filters compiled from the options. */
export interface Selection {
  readonly container: (name: string) => boolean;
  /** The filter for the daemon; empty means list nothing. */
  readonly states: readonly string[];
  readonly label: (key: string) => boolean;
}

export function selection(options: DockerOptions): Selection {
  const { container_state_include: include, container_state_exclude: exclude } = options;
  const anyState = include.length > 0 || exclude.length > 0;
  const state = includeExclude(anyState ? include : ['running'], exclude);
  const { docker_label_include: labels } = options;
  return {
    container: includeExclude(options.container_name_include, options.container_name_exclude),
    states: STATES.filter(state),
    label: labels.length === 0 ? () => false : includeExclude(labels, options.docker_label_exclude),
  };
}

/** An empty include list matches everything; exclude wins over include. */
function includeExclude(include: readonly string[], exclude: readonly string[]): (text: string) => boolean {
  const included = include.length === 0 ? () => true : compileGlobs(include);
  const excluded = compileGlobs(exclude);
  return (text) => included(text) && !excluded(text);
}
