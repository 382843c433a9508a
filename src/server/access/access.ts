/** Who may do what on the TCP port. */
import type { IncomingMessage } from 'node:http';

import { parseHostHeader } from '../../core/listen-address.ts';
import type { Gate } from '../handler.ts';
import { HttpError } from '../http-error.ts';
import type { Route } from '../route.ts';

import { isApiToken, type ApiTokens } from './api-tokens.ts';
import { STRANGER, type Caller } from './caller.ts';
import type { Credentials } from './credentials.ts';
import type { OneTimeTokens } from './one-time.ts';
import { hostOf, isFromHere, isOwnHost, originOf, type OwnNames } from './own-names.ts';
import type { Holder, Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';
import type { Users } from './users.ts';

export interface AccessOptions {
  readonly names: OwnNames;
  readonly password: Credentials;
  /** Of the configuration. */
  readonly tokens: Credentials;
  readonly apiTokens: ApiTokens;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly oneTime: OneTimeTokens;
  readonly throttle: Throttle;
}

export type SignIn = { readonly token: string } | { readonly password: string; readonly user?: string | undefined };

export interface SignedIn {
  /** A `Set-Cookie` header. */
  readonly cookie: string;
  readonly caller: Caller;
}

/** No code of the page is inline, nothing is loaded from elsewhere, nobody frames it. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Browsers keep to TLS for this host. Half a year. */
const TLS_HEADERS = { 'strict-transport-security': 'max-age=15768000' } as const;

export class Access implements Gate {
  readonly headers: Readonly<Record<string, string>>;
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.headers = options.names.isSecure ? { ...SECURITY_HEADERS, ...TLS_HEADERS } : SECURITY_HEADERS;
  }

  get hasPassword(): boolean {
    return !this.#options.password.isEmpty;
  }

  get hasUsers(): boolean {
    return !this.#options.users.isEmpty;
  }

  checkOrigin(request: IncomingMessage, route: Route | undefined): void {
    const { names } = this.#options;
    const origin = originOf(request, names);
    const isLink = route?.needs === 'page' && request.headers['sec-fetch-mode'] === 'navigate';
    // Credentials of agents are in no cookie, so no page can borrow them; and they know the hub by names that it does not know.
    const isForAgents = route?.needs === 'ingest';
    if (!isForAgents && !isOwnHost(request.headers.host, names))
      throw new HttpError(421, 'The Host header does not name this host; behind a proxy, set alerts.public_url');
    if (origin === 'foreign' && !(isLink && request.headers.origin === undefined))
      throw new HttpError(403, 'The request comes from a page of another origin');
    if (!isForAgents && origin === 'unknown' && isBorrowable(request))
      throw new HttpError(403, 'A request that changes something needs the header Origin, or an API token');
  }

  async identify(request: IncomingMessage): Promise<Caller> {
    const { sessions, names } = this.#options;
    const token = bearerOf(request);
    if (token !== undefined) return this.#ofToken(request, token);
    const { cookie } = request.headers;
    const session = sessions.find(cookie);
    const caller = session && this.#ofHolder(session.holder, () => sessions.find(cookie) !== undefined);
    if (caller !== undefined) return caller;
    // With users, who is on this host says nothing about what that one may see.
    return { ...STRANGER, mayRead: !this.hasUsers && isFromHere(request, names) };
  }

  /** @throws HttpError 401 for a wrong token, name or password, 429 after too many */
  async signIn(request: IncomingMessage, given: SignIn): Promise<SignedIn> {
    if ('password' in given && given.user !== undefined) return this.#signInUser(request, given.user, given.password);
    const { oneTime, tokens, password } = this.#options;
    const isRight =
      'password' in given
        ? await this.#check(request, password, given.password)
        : oneTime.redeem(given.token) || (await this.#check(request, tokens, given.token));
    if (isRight) return this.#opened(request, { kind: 'shared' });
    const what = 'password' in given ? 'The password is wrong' : 'The address has been used, is too old, or is wrong';
    throw new HttpError(401, `${what}; "healthd status" prints a new address`);
  }

  signOut(request: IncomingMessage): string {
    return this.#options.sessions.close(this.#options.names.isSecure || this.#isBehindTls(request));
  }

  /** A `Set-Cookie` header if the session of the request should last longer; undefined if not, or without a session. */
  prolonged(request: IncomingMessage): string | undefined {
    const { sessions, names } = this.#options;
    const session = sessions.find(request.headers.cookie);
    if (session === undefined || !sessions.isOld(session)) return undefined;
    return sessions.open(session.holder, names.isSecure || this.#isBehindTls(request));
  }

  async #signInUser(request: IncomingMessage, name: string, password: string): Promise<SignedIn> {
    const { users } = this.#options;
    const isRight = await this.#check(request, users.passwordOf(name), password);
    if (isRight && users.get(name) !== undefined) return this.#opened(request, { kind: 'user', name });
    throw new HttpError(401, 'The name or the password is wrong');
  }

  #opened(request: IncomingMessage, holder: Holder): SignedIn {
    const { sessions, names } = this.#options;
    const cookie = sessions.open(holder, names.isSecure || this.#isBehindTls(request));
    return { cookie, caller: this.#ofHolder(holder, () => true) ?? STRANGER };
  }

  /** Role and scope are those of the configuration now, not those of the sign-in. */
  #ofHolder(holder: Holder, isValid: () => boolean): Caller | undefined {
    const known = { ...STRANGER, mayRead: true, isValid };
    if (holder.kind === 'shared') return { ...known, role: 'admin', name: 'the password' };
    const user = holder.kind === 'user' ? this.#options.users.get(holder.name) : undefined;
    return user && { ...known, role: user.role, scope: user.scope, name: holder.name, isNamed: true };
  }

  async #ofToken(request: IncomingMessage, token: string): Promise<Caller> {
    const { tokens, apiTokens } = this.#options;
    const known = { ...STRANGER, mayRead: true };
    if (isApiToken(token)) {
      const record = apiTokens.find(token);
      const { role, scope } = record;
      const isValid = () => apiTokens.isValid(record);
      return { ...known, role, scope, name: `the token ${record.name}`, isNamed: true, isValid };
    }
    if (tokens.isKnown(token) || (await this.#check(request, tokens, token)))
      return { ...known, role: 'admin', name: 'a token of the configuration' };
    throw new HttpError(401, 'The API token is wrong', { 'www-authenticate': 'Bearer realm="healthd"' });
  }

  async #check({ socket }: IncomingMessage, credentials: Credentials, secret: string): Promise<boolean> {
    if (credentials.isEmpty) return false;
    const address = socket.remoteAddress ?? '';
    this.#options.throttle.attempt(address);
    const isRight = await credentials.accepts(secret);
    if (isRight) this.#options.throttle.succeeded(address);
    return isRight;
  }

  /** A proxy in front of this port speaks TLS with the browser. */
  #isBehindTls({ headers }: IncomingMessage): boolean {
    const { publicUrl } = this.#options.names;
    if (publicUrl?.protocol !== 'https:') return false;
    // A GET of the page itself has no origin.
    return headers.origin === publicUrl.origin || parseHostHeader(headers.host ?? '') === hostOf(publicUrl);
  }
}

/** Other schemes may be meant for a proxy. */
function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^bearer +(.*)$/i.exec(headers.authorization ?? '')?.[1]?.trim();
}

/** Changes something, with no more than a cookie to say who wants it. */
function isBorrowable(request: IncomingMessage): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD' && bearerOf(request) === undefined;
}
