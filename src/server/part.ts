/** The local API as a part of the agent. The agent runs without it; only commands that ask a running daemon fail. */
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';

import { controlEndpoint } from './endpoint.ts';
import type { Listener } from './listener.ts';
import type { Route } from './route.ts';

export interface ServerSection {
  readonly stateDirectory: string;
}

export interface ServerOptions {
  /** Called when the server starts. */
  readonly routes: () => readonly Route[];
  readonly platform: NodeJS.Platform;
  readonly log: Logger;
}

export class ServerPart implements Part<ServerSection> {
  readonly name = 'server';
  readonly #options: ServerOptions;
  #listener: Listener | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** The state directory, and with it the socket, does not change while the agent runs. */
  prepare({ stateDirectory }: ServerSection): Promise<Prepared> {
    return Promise.resolve({
      use: async () => {
        this.#listener ??= await this.#open(stateDirectory);
      },
      discard: () => Promise.resolve(),
    });
  }

  status(): readonly PartStatus[] {
    return [];
  }

  async stop(): Promise<void> {
    await this.#listener?.close();
  }

  async #open(stateDirectory: string): Promise<Listener | undefined> {
    const { routes, platform, log } = this.#options;
    try {
      const endpoint = controlEndpoint(stateDirectory, platform);
      if (endpoint === undefined) throw new Error(`the path of ${stateDirectory} is too long for a socket`);
      const { listen } = await import('./listener.ts');
      return await listen(endpoint, routes(), log);
    } catch (error) {
      log.warn(`"healthd alerts", "silence" and "ack" cannot reach this process: ${describeError(error)}`);
      return undefined;
    }
  }
}
