/** A real OpenID provider on a loopback port. Whoever signs in is the account that the test has named last. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import Provider from 'oidc-provider';

const LIVES = ['Interaction', 'Session', 'Grant', 'AccessToken', 'AuthorizationCode', 'IdToken'];

export interface Account {
  readonly id: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export class OpenIdProvider {
  readonly issuer: string;
  account: Account = { id: 'nobody', claims: {} };
  readonly #server: Server;

  private constructor(server: Server, issuer: string) {
    this.#server = server;
    this.issuer = issuer;
  }

  /** @param redirect where it may send browsers back to */
  static async start(redirect: string, secret: string): Promise<OpenIdProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const made = new OpenIdProvider(server, issuer);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'healthd',
          client_secret: secret,
          redirect_uris: [redirect],
          response_types: ['code'],
          grant_types: ['authorization_code'],
        },
      ],
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      scopes: ['openid', 'profile', 'groups'],
      claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
      cookies: { keys: ['a key of the test'] },
      jwks: {
        keys: [
          { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig' },
        ],
      },
      ttl: Object.fromEntries(LIVES.map((name) => [name, 60])),
      findAccount: (_, id: string) => ({ accountId: id, claims: () => ({ sub: id, ...made.account.claims }) }),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    });
    const callback = provider.callback();
    server.on('request', (request, response) => {
      if (!request.url?.startsWith('/interaction/')) {
        void callback(request, response);
        return;
      }
      void (async () => {
        const { params, prompt } = await provider.interactionDetails(request, response);
        const grant = new provider.Grant({ accountId: made.account.id, clientId: String(params['client_id']) });
        grant.addOIDCScope(String(params['scope']));
        const result =
          prompt.name === 'login'
            ? { login: { accountId: made.account.id } }
            : { consent: { grantId: await grant.save() } };
        await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
      })();
    });
    return made;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A browser that keeps cookies of each origin, and follows redirects. */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** @returns the first answer that is no redirect, or that `until` wants */
  async open(
    address: string,
    until: (url: URL) => boolean = () => false,
  ): Promise<{ url: URL; status: number; text: string }> {
    let url = new URL(address);
    for (let hops = 0; hops < 12; hops += 1) {
      if (until(url)) return { url, status: 0, text: '' };
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: this.cookies(url.origin), connection: 'close' },
      });
      this.#keep(url.origin, response.headers.getSetCookie());
      const location = response.headers.get('location');
      const text = await response.text();
      if (location === null) return { url, status: response.status, text };
      url = new URL(location, url);
    }
    throw new Error(`${address} redirects without end`);
  }

  cookies(origin: string): string {
    return [...(this.#jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(origin: string, lines: readonly string[]): void {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
  }
}
