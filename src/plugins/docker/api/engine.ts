import type { Clock } from '../../../plugin/index.ts';
import type { DockerOptions } from '../options.ts';

import type {
  ContainerInspection,
  ContainerStats,
  ContainerSummary,
  DiskUsage,
  EngineInfo,
  SwarmService,
  SwarmTask,
} from './answers.ts';
import { openEndpoint } from './endpoint.ts';
import { requestError } from './request-error.ts';
import { MAX_LIST, MAX_OBJECT, get, open, pathWith, type Modem, type Query } from './request.ts';
import { checkShape, type Shape } from './shape.ts';

/** The requests this plugin makes. Each rejects with an error that says what to do. */
export interface Engine {
  info(signal: AbortSignal): Promise<EngineInfo>;
  /** @param filters in the form of the API, e.g. `{ status: ['running'] }` */
  list(filters: Readonly<Record<string, readonly string[]>>, signal: AbortSignal): Promise<readonly ContainerSummary[]>;
  inspect(id: string, signal: AbortSignal): Promise<ContainerInspection>;
  /** The last lines of both streams, in frames unless the container has a terminal. */
  logs(id: string, lines: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  stats(id: string, signal: AbortSignal): Promise<ContainerStats>;
  services(signal: AbortSignal): Promise<readonly SwarmService[]>;
  tasks(signal: AbortSignal): Promise<readonly SwarmTask[]>;
  diskUsage(types: readonly string[], signal: AbortSignal): Promise<DiskUsage>;
  /**
   * Container events, one JSON object per line, until the signal aborts.
   *
   * @param since seconds since the Unix epoch; events from then on are replayed first
   */
  events(since: number | undefined, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Closes all sockets. */
  close(): void;
}

/** The client library costs about 20 MB and 100 ms, so it is loaded just before the first request. */
export async function openEngine(options: DockerOptions, clock: Clock): Promise<Engine> {
  const { endpoint, request_timeout: timeout } = options;
  const { default: Docker } = await import('dockerode');
  const { client, agent } = await openEndpoint(options);
  const { modem } = new Docker(client) as { readonly modem: Modem };

  const ask = async <Answer>(what: string, path: string, shape: Shape, signal: AbortSignal, query: Query = {}) => {
    const deadline = clock.signal(timeout);
    try {
      const most = shape === 'list' || path === '/system/df' ? MAX_LIST : MAX_OBJECT;
      const answer = await get(modem, path, query, most, AbortSignal.any([signal, deadline]));
      checkShape(answer, shape);
      return answer as Answer;
    } catch (error) {
      // The gather was aborted: that is not an error of the daemon.
      signal.throwIfAborted();
      throw requestError(error, what, endpoint, deadline.aborted ? timeout : undefined);
    }
  };

  // No deadline: if the daemon hangs, the requests of the next gather report it.
  const follow = async (what: string, path: string, signal: AbortSignal, query: Query) => {
    try {
      return await open(modem, path, query, AbortSignal.any([signal]));
    } catch (error) {
      signal.throwIfAborted();
      throw requestError(error, what, endpoint);
    }
  };

  const container = (id: string, part: string) => pathWith('/containers/', id, `/${part}`);
  const oneShot = { stream: false, 'one-shot': true };
  return {
    info: (signal) => ask('ask the Docker daemon', '/info', [], signal),
    list: (filters, signal) => ask('list containers', '/containers/json', 'list', signal, { all: true, filters }),
    inspect: (id, signal) => ask('inspect a container', container(id, 'json'), ['State'], signal),
    stats: (id, signal) => ask('read statistics', container(id, 'stats'), STATS, signal, oneShot),
    logs: (id, lines, signal) =>
      follow('read a log', container(id, 'logs'), signal, { stdout: true, stderr: true, tail: lines }),
    services: (signal) => ask('list services', '/services', 'list', signal),
    tasks: (signal) => ask('list tasks', '/tasks', 'list', signal),
    diskUsage: (type, signal) => ask('measure disk usage', '/system/df', [], signal, { type }),
    events: (since, signal) => {
      const query = { filters: { type: ['container'] }, ...(since !== undefined && { since }) };
      return follow('follow events', '/events', signal, query);
    },
    close: () => {
      agent.destroy();
    },
  };
}

/** What every daemon sends, whatever it leaves out. */
const STATS = ['cpu_stats.cpu_usage', 'memory_stats'];
