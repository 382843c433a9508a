import { inspect } from 'node:util';

/**
 * Makes an object cheap to print. The client library prints the options of each request for its debug log, whether that
 * is on or not, and to full depth: through agent and signal it walks over every open socket, which costs some twenty
 * times as much as the request.
 */
export function opaque<T extends object>(value: T): T {
  return Object.defineProperty(value, inspect.custom, { value: () => '[opaque]', enumerable: false });
}
