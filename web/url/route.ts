/** Path → view. */
import { computed } from '@preact/signals';

import { isHub, shownHost } from '../store/live.ts';

import { address } from './location.ts';
import { FLEET, OVERVIEW, VIEWS, type View } from './views.ts';

/** Undefined: no view has this path. */
export const view = computed<View | undefined>(() => {
  const [first = '', second = '', third = ''] = address.value.path.split('/').slice(1);
  if (first === '') return isHub.value ? FLEET : OVERVIEW;
  const isOfHost = first === 'h';
  const name = isOfHost ? third : first;
  if (isOfHost && (second === '' || (isHub.value && safelyDecoded(second) !== shownHost.value))) return undefined;
  return VIEWS.find((candidate) => candidate.isOfHost === isOfHost && candidate.path === name);
});

/** Those that have something to show. */
export const views = computed(() => VIEWS.filter(({ isOfHub = false }) => !isOfHub || isHub.value));

/** What follows the path of a view, such as the id in `/alerts/41a7`. */
export const subject = computed(() => {
  const parts = address.value.path.split('/').slice(1);
  const text = parts[0] === 'h' ? parts[3] : parts[1];
  return text === undefined || text === '' ? undefined : safelyDecoded(text);
});

export function pathOf({ isOfHost, path }: Pick<View, 'isOfHost' | 'path'>): string {
  if (!isOfHost) return `/${path}`;
  const name = shownHost.value;
  return name === undefined ? '/' : `/h/${encodeURIComponent(name)}/${path}`;
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
