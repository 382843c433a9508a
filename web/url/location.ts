/** The address bar as a signal: everything that a reader sees is in it. Keys that the page does not know are kept. */
import { signal } from '@preact/signals';

import { isHub, shownHost } from '../store/live.ts';

export interface PageAddress {
  readonly path: string;
  readonly search: URLSearchParams;
}

export const address = signal<PageAddress>(read());

/** `undefined` removes a key. */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

/** At most 5 a second while dragging: browsers refuse more. */
const REPLACE_MS = 200;
let replaceTimer: ReturnType<typeof setTimeout> | undefined;

addEventListener('popstate', () => {
  address.value = read();
});

function read(): PageAddress {
  return { path: location.pathname, search: new URLSearchParams(location.search) };
}

/** The address with some keys changed, for links. Keys stay in their order, so that equal states have equal addresses. */
export function hrefWith(changes: Changes, path = address.value.path): string {
  return href({ path, search: changed(address.value.search, changes) });
}

/** A finished step: Back returns to what was before. */
export function goTo(changes: Changes, path = address.value.path): void {
  const next = { path, search: changed(address.value.search, changes) };
  flushReplace();
  // Of another host nothing stays but the address.
  if (isHub.peek() && path.startsWith('/h/') && path.split('/')[2] !== encodeURIComponent(shownHost.peek() ?? '')) {
    location.assign(href(next));
    return;
  }
  if (href(next) !== href(address.value)) history.pushState(null, '', href(next));
  address.value = next;
}

/** A step on the way, such as while dragging. */
export function adjust(changes: Changes): void {
  address.value = { path: address.value.path, search: changed(address.value.search, changes) };
  replaceTimer ??= setTimeout(flushReplace, REPLACE_MS);
}

function flushReplace(): void {
  clearTimeout(replaceTimer);
  if (replaceTimer !== undefined) history.replaceState(null, '', href(address.value));
  replaceTimer = undefined;
}

function changed(search: URLSearchParams, changes: Changes): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [key, value] of Object.entries(changes)) {
    next.delete(key);
    for (const item of typeof value === 'string' ? [value] : (value ?? [])) next.append(key, item);
  }
  return next;
}

/** Readable: colons, commas, slashes and braces are allowed in a query as they are. */
function href({ path, search }: PageAddress): string {
  const text = search
    .toString()
    .replace(/%3A/g, ':')
    .replace(/%2C/g, ',')
    .replace(/%2F/g, '/')
    .replace(/%7B/g, '{')
    .replace(/%7D/g, '}');
  return text === '' ? path : `${path}?${text}`;
}
