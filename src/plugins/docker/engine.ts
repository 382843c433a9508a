import type { Clock } from '../../plugin/index.ts';

import type {
  ContainerInspection,
  ContainerStats,
  ContainerSummary,
  DiskUsage,
  EngineInfo,
  SwarmService,
  SwarmTask,
} from './api.ts';
import { openEndpoint } from './endpoint.ts';
import { explain } from './explain.ts';
import { opaque } from './opaque.ts';
import type { DockerOptions } from './options.ts';

/** The requests that are made of a daemon. Each rejects with an error that says what to do. */
export interface Engine {
  info(signal: AbortSignal): Promise<EngineInfo>;
  /** @param filters as the API has them, e.g. `{ status: ['running'] }` */
  list(filters: Readonly<Record<string, readonly string[]>>, signal: AbortSignal): Promise<readonly ContainerSummary[]>;
  inspect(id: string, signal: AbortSignal): Promise<ContainerInspection>;
  stats(id: string, signal: AbortSignal): Promise<ContainerStats>;
  services(signal: AbortSignal): Promise<readonly SwarmService[]>;
  tasks(signal: AbortSignal): Promise<readonly SwarmTask[]>;
  diskUsage(types: readonly string[], signal: AbortSignal): Promise<DiskUsage>;
  /**
   * What happens to containers, one JSON text a line, until the signal aborts.
   *
   * @param since seconds since the Unix epoch; what happened from then on is told first
   */
  events(since: number | undefined, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Closes every socket. */
  close(): void;
}

type Query = Readonly<Record<string, unknown>>;

/** The client library costs some 20 MB and 100 ms, so it is loaded when the first request is about to be made. */
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
      // The end of the gather is not the daemon's fault, and is told as what it is.
      signal.throwIfAborted();
      throw explain(error, what, endpoint, deadline.aborted ? timeout : undefined);
    }
  };

  return {
    info: (signal) => ask('ask the Docker daemon', '/info', signal),
    list: (filters, signal) => ask('list containers', '/containers/json', signal, { all: true, filters }),
    inspect: (id, signal) => ask('inspect a container', `/containers/${id}/json`, signal),
    stats: (id, signal) =>
      ask('read statistics', `/containers/${id}/stats`, signal, { stream: false, 'one-shot': true }),
    services: (signal) => ask('list services', '/services', signal),
    tasks: (signal) => ask('list tasks', '/tasks', signal),
    diskUsage: (type, signal) => ask('measure disk usage', '/system/df', signal, { type }),
    async events(since, signal) {
      const query = { filters: { type: ['container'] }, ...(since !== undefined && { since }) };
      try {
        // No deadline: that a daemon hangs is told by the requests of the next gather.
        return (await get(modem, '/events', query, AbortSignal.any([signal]), true)) as AsyncIterable<Uint8Array>;
      } catch (error) {
        signal.throwIfAborted();
        throw explain(error, 'follow events', endpoint);
      }
    },
    close: () => {
      agent.destroy();
    },
  };
}

/** The client's transport. Its methods of a higher level do not pass on every parameter and signal that is used here. */
interface Modem {
  dial(request: object, callback: (error: Error | null, answer: unknown) => void): void;
}

function get(modem: Modem, path: string, query: Query, abortSignal: AbortSignal, isStream = false): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = { path: `${path}?`, method: 'GET', options: { ...query }, statusCodes: { 200: true } };
    modem.dial({ ...request, isStream, abortSignal: opaque(abortSignal) }, (error, answer) => {
      if (error) reject(error);
      else resolve(answer);
    });
  });
}
