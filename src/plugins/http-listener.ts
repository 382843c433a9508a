/** What inputs share that are HTTP servers. */
import { once } from 'node:events';

import type { ListenAddress, ListenCredentials, ListenOptions, PluginContext, TlsOptions, z } from '../plugin/index.ts';

export interface ListenerOptions extends Omit<ListenCredentials, 'parameters'> {
  readonly listen: ListenAddress;
  readonly max_body_size: number;
  readonly tls?: TlsOptions | undefined;
}

/** What differs between protocols. */
export interface Protocol extends Pick<ListenOptions, 'answer' | 'refuse' | 'openPaths'> {
  /** In the log, such as `line protocol`. */
  readonly name: string;
  readonly parameters?: ListenCredentials['parameters'];
}

/** Listens until the signal aborts. @throws if the address cannot be bound, or a certificate or key cannot be read */
export async function serve(
  { listen, max_body_size: maxBodyBytes, tls, username, password, token }: ListenerOptions,
  { name, parameters, ...protocol }: Protocol,
  context: PluginContext,
  signal: AbortSignal,
): Promise<void> {
  const isOpen = token === undefined && username === undefined;
  const listener = await context.listen({
    address: listen,
    tls: tls === undefined ? undefined : await context.readTls(tls),
    credentials: isOpen ? undefined : { token, username, password, ...(parameters && { parameters }) },
    maxBodyBytes,
    ...protocol,
  });
  context.log.info(`Listening for ${name}`, { port: listener.port });
  try {
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await listener.close();
  }
}

/** A refinement of their options. */
export function checkUser(
  { username, password }: Pick<ListenCredentials, 'username' | 'password'>,
  context: z.core.$RefinementCtx,
): void {
  if ((username === undefined) !== (password === undefined))
    context.issues.push({
      code: 'custom',
      path: ['username'],
      message: 'give username and password together',
      input: username,
    });
}
