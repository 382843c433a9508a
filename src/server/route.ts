/** One table of routes for the control socket, a TCP port and the page; the scope decides who may. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** `:id` stands for one segment. */
  readonly path: string;
  readonly scope: 'read' | 'act' | 'ingest';
  /**
   * @returns the body of the answer: anything that JSON can hold
   * @throws RefusedRequest if the request cannot be met
   */
  handle(request: ApiRequest, signal: AbortSignal): Promise<unknown>;
}

export interface ApiRequest {
  /** The segment that `:id` stands for; empty if the route has none. */
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

/** @returns the segment that `:id` stands for, empty if the pattern has none; undefined if it does not match */
function matchPath(pattern: string, path: string): string | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const fits = wanted.every((segment, index) => segment === ':id' || segment === given[index]);
  return fits ? decodeURIComponent(given[wanted.indexOf(':id')] ?? '') : undefined;
}
