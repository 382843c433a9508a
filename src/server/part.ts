/**
 * The API as a part of the agent: on a socket that commands use, and on a TCP port with the page. The agent runs without either;
 * what fails is logged.
 */
import type { RequestListener } from 'node:http';
import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';

import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import type { BoundServer } from '../host/http-server/bind.ts';

import type { AddressAnswer } from '../api/agent.ts';

import { ApiTokens } from './access/api-tokens.ts';
import type { Caller } from './access/caller.ts';
import { OneTimeTokens, TOKEN_VALID_MS } from './access/one-time.ts';
import { sightOf, type Sight } from './access/sight.ts';
import { Throttle } from './access/throttle.ts';
import { controlEndpoint } from './endpoint.ts';
import { CONTROL_GATE, createHandler, type Deed, type Gate } from './handler.ts';
import { listenOnSocket } from './listener.ts';
import { Port } from './net/port.ts';
import type { Route } from './route.ts';
import { pageRoute } from './page/route.ts';
import { siteOnce } from './page/site.ts';
import { firstData } from './page/first.ts';
import { apiRoutes } from './routes.ts';
import { healthRoutes } from './routes/agent.ts';
import { documentRoute } from './routes/document.ts';
import { answerFor, sessionRoutes } from './routes/session.ts';
import { tokenRoutes } from './routes/tokens.ts';
import type { Sources } from './sources.ts';
import { fingerprintOf } from './net/fingerprint.ts';
import { setUpTcp, type TcpSection, type TcpSetup } from './tcp.ts';

export interface ServerSection extends Omit<TcpSection, 'settings'> {
  /** Undefined: no TCP port. */
  readonly settings: TcpSection['settings'] | undefined;
}

export interface ServerOptions {
  readonly sources: Sources;
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Of the agent. */
  readonly version: string;
}

export class ServerPart implements Part<ServerSection> {
  readonly name = 'server';
  readonly #options: ServerOptions;
  readonly #routes: readonly Route[];
  readonly #oneTime: OneTimeTokens;
  readonly #throttle: Throttle;
  #apiTokens: ApiTokens | undefined;
  #isReady = false;
  #control: BoundServer | undefined;
  #setup: TcpSetup | undefined;
  #port: Port | undefined;
  #publicUrl: string | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#oneTime = new OneTimeTokens(options.clock);
    this.#throttle = new Throttle(options.clock);
    this.#routes = [
      ...apiRoutes(options.sources, options.clock, (token) => this.#joinAddress(token)),
      ...sessionRoutes({
        control: () => this.#setup?.access,
        newAddress: () => this.newAddress(),
        signedIn: ({ name }) => {
          this.#audit({ act: 'signed_in', of: '', by: name });
        },
      }),
      ...tokenRoutes(() => this.#apiTokens),
      ...healthRoutes(() => this.#isReady),
      documentRoute(() => this.#routes, options.version),
      pageRoute({
        site: siteOnce(),
        first: (caller, sight) => this.#first(caller, sight),
      }),
    ];
  }

  /** The state directory, and with it the socket, does not change while the agent runs. */
  async prepare(section: ServerSection): Promise<Prepared> {
    const { settings } = section;
    this.#apiTokens ??= this.#openTokens(section.stateDirectory);
    const shared = { ...this.#options, apiTokens: this.#apiTokens, oneTime: this.#oneTime, throttle: this.#throttle };
    const setup = settings === undefined ? undefined : await setUpTcp({ ...section, settings }, shared);
    return {
      use: async () => {
        this.#publicUrl = section.publicUrl;
        this.#control ??= await this.#openControl(section.stateDirectory);
        this.#options.sources.start();
        await this.#usePort(setup);
        this.#isReady = true;
      },
      discard: () => Promise.resolve(),
    };
  }

  /** Where the page is; undefined while the port is off or cannot be bound. */
  get address(): string | undefined {
    const port = this.#port?.port;
    if (port === undefined || this.#setup === undefined) return undefined;
    if (this.#publicUrl !== undefined && !this.#setup.address.isLoopback) return `${this.#publicUrl}/`;
    const { address, tls } = this.#setup;
    const host = address.host ?? '127.0.0.1';
    return `http${tls === undefined ? '' : 's'}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  }

  /** Why there is no port, though one is configured. */
  get trouble(): string | undefined {
    return this.#port?.trouble;
  }

  /** The address with a token that opens one session. */
  newAddress(): AddressAnswer | undefined {
    const { address } = this;
    if (address === undefined) return undefined;
    const validUntil = this.#options.clock.now() + TOKEN_VALID_MS;
    return { url: `${address}#${this.#oneTime.issue()}`, validUntil };
  }

  /** Every route of the two listeners, for the OpenAPI document. */
  get routes(): readonly Route[] {
    return this.#routes;
  }

  status(): readonly PartStatus[] {
    return [];
  }

  async stop(): Promise<void> {
    this.#isReady = false;
    await Promise.all([this.#control?.close(), this.#port?.close()]);
  }

  async #openControl(stateDirectory: string): Promise<BoundServer | undefined> {
    const { platform, log } = this.#options;
    try {
      const endpoint = controlEndpoint(stateDirectory, platform);
      if (endpoint === undefined) throw new Error(`the path of ${stateDirectory} is too long for a socket`);
      return await listenOnSocket(
        endpoint,
        this.#handler(() => CONTROL_GATE),
        log,
      );
    } catch (error) {
      log.warn(`"healthd alerts", "silence" and "ack" cannot reach this process: ${describeError(error)}`);
      return undefined;
    }
  }

  async #usePort(next: TcpSetup | undefined): Promise<void> {
    if (next === undefined || next.key !== this.#setup?.key) {
      await this.#port?.close();
      this.#port = undefined;
    }
    // Streams know only who their reader was when they began.
    if (!isDeepStrictEqual(next?.people, this.#setup?.people)) this.#port?.disconnect();
    this.#setup = next;
    if (next === undefined) return;
    if (this.#port !== undefined) {
      this.#port.setTls(next.tls);
      return;
    }
    await this.#openPort(next);
  }

  async #openPort(setup: TcpSetup): Promise<void> {
    const { clock, random, log } = this.#options;
    if (!setup.address.isLoopback && setup.tls === undefined)
      log.warn('Passwords and sessions cross the network unencrypted; set server.certificate and server.key');
    const handler = this.#handler(() => this.#setup?.access ?? setup.access);
    const { address, ports, tls, maxConnections } = setup;
    const port = new Port({ address, ports, tls, maxConnections, handler, clock, random, log });
    this.#port = port;
    await port.open();
    if (this.address !== undefined) log.info('The page is served', { address: this.address });
  }

  /** Where agents reach this hub; the fingerprint makes a certificate that nobody has signed safe to trust. */
  #joinAddress(token: string): string | undefined {
    const setup = this.#setup;
    if (this.address === undefined || setup === undefined) return undefined;
    const url = new URL(this.address);
    if (isEveryAddress(setup.address.host) && this.#publicUrl === undefined) url.hostname = hostname();
    const mark = setup.tls === undefined ? '' : `.${fingerprintOf(setup.tls.cert)}`;
    return `${url.origin}#${token}${mark}`;
  }

  #first(caller: Caller, sight: Sight) {
    const { sources, clock } = this.#options;
    return firstData(sources, { caller, sight, session: answerFor(caller, this.#setup?.access), clock });
  }

  #openTokens(stateDirectory: string): ApiTokens {
    const tokens = new ApiTokens(stateDirectory, this.#options.clock);
    if (tokens.trouble !== undefined) this.#options.log.error(tokens.trouble);
    return tokens;
  }

  #audit({ act, of, by }: Deed): void {
    const { sources, log } = this.#options;
    log.info('Somebody has acted', { act, by, ...(of !== '' && { of }) });
    sources.alerts()?.acted(act, by, of);
  }

  #handler(gate: () => Gate): RequestListener {
    const { sources, clock, log } = this.#options;
    const sightOfCaller = ({ scope }: Caller) => sightOf(scope, sources);
    const audit = (deed: Deed) => {
      this.#audit(deed);
    };
    return createHandler({ routes: this.#routes, gate, sightOf: sightOfCaller, audit, clock, log });
  }
}

function isEveryAddress(host: string | undefined): boolean {
  return host === undefined || host === '0.0.0.0' || host === '::';
}
