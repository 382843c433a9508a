/** A route of the API. One table serves the control socket, a TCP port and the page. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** `:id` matches one segment. */
  readonly path: string;
  /** Permission that the caller needs. */
  readonly scope: 'read' | 'act' | 'ingest';
  /**
   * @returns the body of the answer, any JSON value
   * @throws RefusedRequest if the request cannot be met
   */
  handle(request: ApiRequest, signal: AbortSignal): Promise<unknown>;
}

export interface ApiRequest {
  /** The segment that `:id` matches; empty if the route has none. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** Undefined if the request has none. */
  readonly body: unknown;
}

export interface MatchedRoute {
  readonly route: Route;
  readonly id: string;
}

export function matchRoute(routes: readonly Route[], method: string, path: string): MatchedRoute | undefined {
  for (const route of routes) {
    const id = route.method === method ? matchPath(route.path, path) : undefined;
    if (id !== undefined) return { route, id };
  }
  return undefined;
}

/** @returns the segment that `:id` matches, empty if the pattern has none; undefined if the path does not match */
function matchPath(pattern: string, path: string): string | undefined {
  const [expected, given] = [pattern.split('/'), path.split('/')];
  if (expected.length !== given.length) return undefined;
  const isMatch = expected.every((segment, index) => segment === ':id' || segment === given[index]);
  return isMatch ? decodeURIComponent(given[expected.indexOf(':id')] ?? '') : undefined;
}
