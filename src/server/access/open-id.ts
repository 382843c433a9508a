/**
 * Sign-in by an OpenID provider: authorization code with PKCE. What belongs to one attempt (state, nonce, verifier) is in a signed cookie
 * of its browser, so strangers can neither fill memory nor end the attempts of others, and nothing is asked of the provider for an
 * answer that belongs to no attempt.
 */
import type { IncomingMessage } from 'node:http';

import * as oauth from 'oauth4webapi';

import type { HostScope, Role } from '../../api/access.ts';
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import { jsonOf } from '../../core/json.ts';
import { isLoopbackName } from '../../core/listen-address.ts';
import { printable } from '../../core/printable.ts';
import { z, type HttpClient } from '../../plugin/index.ts';

import { HttpError } from '../http-error.ts';

import { CALLBACK_PATH, OPEN_ID_PATH } from './open-id-paths.ts';
import type { Holder, Sessions } from './sessions.ts';

export interface OpenIdSettings {
  readonly issuer: string;
  readonly client_id: string;
  readonly client_secret?: string | undefined;
  readonly title: string;
  readonly scopes: readonly string[];
  readonly name_claim: string;
  readonly groups_claim: string;
  readonly groups: Readonly<Record<string, { readonly role: Role; readonly scope?: HostScope | undefined }>>;
}

export interface OpenIdOptions {
  readonly settings: OpenIdSettings;
  readonly sessions: Pick<Sessions, 'seal' | 'unseal'>;
  readonly http: HttpClient;
  readonly clock: Clock;
}

const COOKIE = 'healthd_oidc';
/** A person needs so long at the provider. ms. */
const ATTEMPT_MS = 600_000;
const TIMEOUT_MS = 15_000;
/** What the provider says about itself is asked again after this. ms. */
const METADATA_MS = 3_600_000;
/** One that does not answer is not asked again before. ms. */
const RETRY_MS = 5000;
const MOST_BYTES = 1024 * 1024;
const MOST_AT_A_TIME = 8;
/** Of clocks that differ. s. */
const TOLERANCE_S = 60;
const MOST_NAME = 100;
const MOST_GROUPS = 1000;
const MOST_MATCHES = 16;

const attemptSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirect: z.string(),
  until: z.number(),
});

export class OpenId {
  readonly #options: OpenIdOptions;
  readonly #client: oauth.Client;
  readonly #authentication: oauth.ClientAuth;
  #metadata: { readonly server: Promise<oauth.AuthorizationServer>; readonly until: number } | undefined;
  #running = 0;

  constructor(options: OpenIdOptions) {
    this.#options = options;
    const { client_id, client_secret } = options.settings;
    this.#client = { client_id, [oauth.clockTolerance]: TOLERANCE_S };
    this.#authentication = client_secret === undefined ? oauth.None() : oauth.ClientSecretBasic(client_secret);
  }

  get title(): string {
    return this.#options.settings.title;
  }

  /** What the first of the groups that the configuration names gives; undefined: nothing any more. */
  rightsOf(groups: readonly string[]): { readonly role: Role; readonly scope?: HostScope | undefined } | undefined {
    const known = this.#options.settings.groups;
    return Object.entries(known).find(([group]) => groups.includes(group))?.[1];
  }

  /** @param origin where the browser sees this page @throws HttpError 502 if the provider does not answer */
  begin(origin: string, isSecure: boolean): Promise<{ readonly location: string; readonly cookie: string }> {
    return this.#bounded(async (signal) => {
      const { settings, sessions, clock } = this.#options;
      const server = await this.#server(signal);
      if (server.authorization_endpoint === undefined) throw new Error('it names no authorization endpoint');
      const attempt = {
        state: oauth.generateRandomState(),
        nonce: oauth.generateRandomNonce(),
        verifier: oauth.generateRandomCodeVerifier(),
        redirect: `${origin}${CALLBACK_PATH}`,
        until: clock.now() + ATTEMPT_MS,
      };
      const location = new URL(server.authorization_endpoint);
      checkTransport(location);
      const parameters = {
        client_id: settings.client_id,
        redirect_uri: attempt.redirect,
        response_type: 'code',
        scope: settings.scopes.join(' '),
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
      };
      for (const [key, value] of Object.entries(parameters)) location.searchParams.set(key, value);
      const sealed = sessions.seal(JSON.stringify(attempt));
      return { location: location.href, cookie: cookieOf(sealed, ATTEMPT_MS / 1000, isSecure) };
    });
  }

  /** @param query what the provider added to the address @throws HttpError that says what is wrong */
  async finish(request: IncomingMessage, query: URLSearchParams): Promise<Holder> {
    const attempt = this.#attemptOf(request.headers.cookie);
    if (attempt === undefined)
      throw new HttpError(400, 'This sign-in was not begun in this browser, or took too long; begin again');
    return this.#bounded(async (signal) => {
      const claims = await this.#claims(attempt, query, signal);
      return this.#holderOf(claims);
    });
  }

  /** A `Set-Cookie` header that ends the attempt. */
  ended(isSecure: boolean): string {
    return cookieOf('', 0, isSecure);
  }

  async #claims(attempt: z.output<typeof attemptSchema>, query: URLSearchParams, signal: AbortSignal) {
    const server = await this.#server(signal);
    const how = this.#how(signal);
    const answer = oauth.validateAuthResponse(server, this.#client, query, attempt.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      this.#client,
      this.#authentication,
      answer,
      attempt.redirect,
      attempt.verifier,
      how,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, this.#client, response, {
      expectedNonce: attempt.nonce,
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, how);
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    if (claims === undefined) throw new Error('its answer has no ID token');
    if (claims[this.#options.settings.groups_claim] !== undefined || server.userinfo_endpoint === undefined)
      return claims;
    const asked = await oauth.userInfoRequest(server, this.#client, tokens.access_token, how);
    return { ...claims, ...(await oauth.processUserInfoResponse(server, this.#client, claims.sub, asked)) };
  }

  /** @throws HttpError 403 for one whom no group gives a role */
  #holderOf(claims: Readonly<Record<string, unknown>>): Holder {
    const { settings } = this.#options;
    const name =
      [settings.name_claim, 'email', 'sub'].map((key) => textOf(claims[key])).find((text) => text !== '') ?? '';
    const given = claims[settings.groups_claim];
    const all = (Array.isArray(given) ? given : [given]).slice(0, MOST_GROUPS);
    const groups = Object.keys(settings.groups)
      .filter((group) => all.includes(group))
      .slice(0, MOST_MATCHES);
    if (groups.length === 0)
      throw new HttpError(
        403,
        `None of the groups of ${name} has a role here; the configuration says which have, in server.oidc.groups`,
      );
    return { kind: 'oidc', name, groups };
  }

  #attemptOf(cookies = '') {
    const value = cookies
      .split(';')
      .map((pair) => pair.trim().split('=', 2))
      .find(([name]) => name === COOKIE)?.[1];
    const text = value === undefined ? undefined : this.#options.sessions.unseal(value);
    const parsed = attemptSchema.safeParse(text === undefined ? undefined : jsonOf(text));
    return parsed.success && parsed.data.until > this.#options.clock.now() ? parsed.data : undefined;
  }

  async #server(signal: AbortSignal): Promise<oauth.AuthorizationServer> {
    const now = this.#options.clock.elapsed();
    if (this.#metadata === undefined || this.#metadata.until <= now) {
      const issuer = new URL(this.#options.settings.issuer);
      const server = oauth
        .discoveryRequest(issuer, this.#how(signal))
        .then((response) => oauth.processDiscoveryResponse(issuer, response));
      const known = { server, until: now + METADATA_MS };
      this.#metadata = known;
      server.catch(() => {
        if (this.#metadata === known) this.#metadata = { server, until: now + RETRY_MS };
      });
    }
    return this.#metadata.server;
  }

  #how(signal: AbortSignal) {
    const fetch = async (url: string, options: oauth.CustomFetchOptions<string, unknown>): Promise<Response> => {
      checkTransport(new URL(url));
      const { method, headers, body } = options;
      const answer = await this.#options.http(
        {
          url,
          method,
          headers,
          maxAnswerBytes: MOST_BYTES,
          ...(body instanceof URLSearchParams && { body: body.toString() }),
        },
        signal,
      );
      const { status } = answer;
      const text = status === 204 || status === 304 ? null : answer.body;
      return new Response(text, { status, headers: [...answer.headers] as [string, string][] });
    };
    // Only on a loopback address: the section is checked, and `checkTransport` refuses others.
    const isInsecure = this.#options.settings.issuer.startsWith('http:');
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- not deprecated, but marked so that nobody overlooks it
    return { [oauth.customFetch]: fetch, [oauth.allowInsecureRequests]: isInsecure } as const;
  }

  /** @throws HttpError */
  async #bounded<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#running >= MOST_AT_A_TIME)
      throw new HttpError(503, 'Too many sign-ins at a time', { 'retry-after': '5' });
    this.#running += 1;
    try {
      return await work(this.#options.clock.signal(TIMEOUT_MS));
    } catch (error) {
      if (error instanceof HttpError) throw error;
      throw new HttpError(502, `The sign-in with ${this.title} failed: ${reasonOf(error)}`);
    } finally {
      this.#running -= 1;
    }
  }
}

/** Unencrypted only on this host. @throws Error */
function checkTransport({ protocol, hostname, origin }: URL): void {
  if (protocol !== 'https:' && !isLoopbackName(hostname.replace(/^\[(.*)\]$/, '$1')))
    throw new Error(`${origin} is not encrypted`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? printable(value).slice(0, MOST_NAME) : '';
}

/** What the provider said, or what was wrong with it. */
function reasonOf(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError)
    return printable(
      `${error.error}${error.error_description === undefined ? '' : `: ${error.error_description}`}`,
    ).slice(0, 500);
  return printable(describeError(error)).slice(0, 500);
}

/** Comes back from the provider's site, so it is not strict. */
function cookieOf(value: string, seconds: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${COOKIE}=${value}; Path=${OPEN_ID_PATH}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}
