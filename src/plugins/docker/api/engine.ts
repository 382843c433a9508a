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
import { hideFromInspect } from './hide-from-inspect.ts';
import { requestError } from './request-error.ts';

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

type Query = Readonly<Record<string, unknown>>;

/** The client library costs about 20 MB and 100 ms, so it is loaded just before the first request. */
export async function openEngine(options: DockerOptions, clock: Clock): Promise<Engine> {
  const { endpoint, request_timeout: timeout } = options;
  const { default: Docker } = await import('dockerode');
  const { client, agent } = await openEndpoint(options);
  const { modem } = new Docker(client) as { readonly modem: Modem };

  const ask = async <Answer>(what: string, path: string, signal: AbortSignal, query: Query = {}) => {
    const deadline = clock.signal(timeout);
    try {
      return (await get(modem, path, query, AbortSignal.any([signal, deadline]))) as Answer;
    } catch (error) {
      // The gather was aborted: that is not an error of the daemon.
      signal.throwIfAborted();
      throw requestError(error, what, endpoint, deadline.aborted ? timeout : undefined);
    }
  };

  return {
    info: (signal) => ask('ask the Docker daemon', '/info', signal),
    list: (filters, signal) => ask('list containers', '/containers/json', signal, { all: true, filters }),
    inspect: (id, signal) => ask('inspect a container', `/containers/${id}/json`, signal),
    stats: (id, signal) =>
      ask('read statistics', `/containers/${id}/stats`, signal, { stream: false, 'one-shot': true }),
    logs: async (id, lines, signal) => {
      const query = { stdout: true, stderr: true, tail: lines };
      try {
        const path = `/containers/${id}/logs`;
        return (await get(modem, path, query, AbortSignal.any([signal]), true)) as AsyncIterable<Uint8Array>;
      } catch (error) {
        signal.throwIfAborted();
        throw requestError(error, 'read a log', endpoint);
      }
    },
    services: (signal) => ask('list services', '/services', signal),
    tasks: (signal) => ask('list tasks', '/tasks', signal),
    diskUsage: (type, signal) => ask('measure disk usage', '/system/df', signal, { type }),
    async events(since, signal) {
      const query = { filters: { type: ['container'] }, ...(since !== undefined && { since }) };
      try {
        // No deadline: if the daemon hangs, the requests of the next gather report it.
        return (await get(modem, '/events', query, AbortSignal.any([signal]), true)) as AsyncIterable<Uint8Array>;
      } catch (error) {
        signal.throwIfAborted();
        throw requestError(error, 'follow events', endpoint);
      }
    },
    close: () => {
      agent.destroy();
    },
  };
}

/** The client's transport. Its higher-level methods do not pass on all parameters and signals that are needed here. */
interface Modem {
  dial(request: object, callback: (error: Error | null, answer: unknown) => void): void;
}

function get(modem: Modem, path: string, query: Query, abortSignal: AbortSignal, isStream = false): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = { path: `${path}?`, method: 'GET', options: { ...query }, statusCodes: { 200: true } };
    modem.dial({ ...request, isStream, abortSignal: hideFromInspect(abortSignal) }, (error, answer) => {
      if (error) reject(error);
      else resolve(answer);
    });
  });
}
