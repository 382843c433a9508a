import { inspect } from 'node:util';

/**
 * Makes `util.inspect` print a placeholder for this object. The client library inspects the options of each request to
 * full depth for its debug log, even when that is off: through agent and signal it walks every open socket, which costs
 * about twenty times as much as the request.
 */
export function hideFromInspect<T extends object>(value: T): T {
  return Object.defineProperty(value, inspect.custom, { value: () => '[hidden]', enumerable: false });
}
