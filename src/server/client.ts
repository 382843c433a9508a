/** Client of the local API of the daemon that runs on a state directory. */
import { request } from 'node:http';

import { ConfigError, errorCode, toError } from '../core/errors.ts';
import { jsonOf } from '../core/json.ts';

import { controlEndpoint } from './endpoint.ts';

const TIMEOUT_MS = 15_000;

/** The daemon refused the request; the message is its reason. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export interface ControlClient {
  /**
   * @param path with the query
   * @throws ConfigError if no daemon is running; ControlError if it refuses
   */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

/** @throws ConfigError if the path of the state directory is too long for a socket */
export function controlClient(stateDirectory: string, platform: NodeJS.Platform): ControlClient {
  const endpoint = controlEndpoint(stateDirectory, platform);
  if (endpoint === undefined) {
    throw new ConfigError(`The path ${stateDirectory} is too long for a socket; choose a shorter agent.state_dir`);
  }
  const ask = async (method: string, path: string, body?: unknown) => {
    try {
      return await exchange(endpoint.path, method, path, body);
    } catch (error) {
      throw ['ENOENT', 'ECONNREFUSED'].includes(errorCode(error) ?? '') ? noDaemon(stateDirectory) : toError(error);
    }
  };
  return { get: (path) => ask('GET', path), post: (path, body) => ask('POST', path, body) };
}

function noDaemon(stateDirectory: string): ConfigError {
  return new ConfigError(
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
