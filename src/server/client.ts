/** Client of the local API of the daemon that runs on a state directory. */
import { request } from 'node:http';

import { ConfigError, errorCode, toError } from '../core/errors.ts';
import { jsonOf } from '../core/json.ts';

import { controlEndpoint } from './endpoint.ts';
import { EventReader, type ServerEvent } from './event-stream.ts';

const TIMEOUT_MS = 15_000;
/** The daemon sends a comment every 15 s. */
const SILENCE_MS = 60_000;

/** The daemon refused the request; the message is its reason. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** No daemon runs on the state directory. */
export class NotRunningError extends ConfigError {}

export interface ControlClient {
  /**
   * @param path with the query
   * @throws NotRunningError if no daemon is running; ControlError if it refuses, or the user may not ask it
   */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  /**
   * Reads server-sent events until the signal aborts. `onEvents` gets those that arrive together.
   *
   * @throws ConfigError if no daemon is running; ControlError if it refuses, ends the stream or is silent for a minute
   */
  stream(path: string, onEvents: (events: readonly ServerEvent[]) => void, signal: AbortSignal): Promise<void>;
}

/** @throws ConfigError if the path of the state directory is too long for a socket */
export function controlClient(stateDirectory: string, platform: NodeJS.Platform): ControlClient {
  const endpoint = controlEndpoint(stateDirectory, platform);
  if (endpoint === undefined) {
    throw new ConfigError(`The path ${stateDirectory} is too long for a socket; choose a shorter agent.state_dir`);
  }
  const told = async <Answer>(work: Promise<Answer>): Promise<Answer> => {
    try {
      return await work;
    } catch (error) {
      const code = errorCode(error) ?? '';
      if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(code)) throw noDaemon(stateDirectory);
      throw ['EACCES', 'EPERM'].includes(code) ? forbidden(stateDirectory) : toError(error);
    }
  };
  return {
    get: (path) => told(exchange(endpoint.path, 'GET', path, undefined)),
    post: (path, body) => told(exchange(endpoint.path, 'POST', path, body)),
    stream: (path, onEvents, signal) => told(follow(endpoint.path, path, onEvents, signal)),
  };
}

function forbidden(stateDirectory: string): ControlError {
  return new ControlError(
    `This user may not ask the healthd on ${stateDirectory}; run the command as the user of the agent, or as root`,
  );
}

function noDaemon(stateDirectory: string): NotRunningError {
  return new NotRunningError(
    `No healthd is running on ${stateDirectory}; start "healthd run", or pass its configuration with --config`,
  );
}

function exchange(socketPath: string, method: string, path: string, body: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = jsonOf(Buffer.concat(chunks).toString('utf8')) as { readonly error?: string } | undefined;
        if (answer === undefined) reject(new ControlError('The daemon answered with something that is not JSON'));
        else if (response.statusCode === 200) resolve(answer);
        else reject(new ControlError(answer.error ?? `The daemon answered with status ${response.statusCode ?? 0}`));
      });
    });
    call.on('timeout', () => call.destroy(new ControlError(`The daemon did not answer within ${TIMEOUT_MS / 1000} s`)));
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function follow(
  socketPath: string,
  path: string,
  onEvents: (events: readonly ServerEvent[]) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = new EventReader();
    const call = request({ socketPath, method: 'GET', path, timeout: SILENCE_MS, signal }, (response) => {
      if (response.statusCode !== 200) {
        call.destroy(new ControlError(`The daemon answered with status ${response.statusCode ?? 0}`));
        return;
      }
      response.on('data', (chunk: Buffer) => {
        try {
          onEvents(reader.read(chunk));
        } catch (error) {
          call.destroy(toError(error));
        }
      });
      response.on('error', reject);
      response.on('end', () => {
        reject(new ControlError('The daemon ended the stream'));
      });
    });
    call.on('timeout', () => call.destroy(new ControlError('The daemon is silent')));
    call.on('error', (error) => {
      if (signal.aborted) resolve();
      else reject(error);
    });
    call.end();
  });
}
