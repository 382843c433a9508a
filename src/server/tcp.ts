/** What the TCP port needs of a section of the configuration, made and checked before anything is bound. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

import type { Clock } from '../core/clock.ts';
import { ConfigError, describeError } from '../core/errors.ts';
import { parseListen, type ListenAddress } from '../core/listen-address.ts';
import type { Logger } from '../plugin/index.ts';

import { Access } from './access/access.ts';
import type { ApiTokens } from './access/api-tokens.ts';
import { Credentials } from './access/credentials.ts';
import type { OneTimeTokens } from './access/one-time.ts';
import { sessionKey, Sessions, type StampOf } from './access/sessions.ts';
import type { Throttle } from './access/throttle.ts';
import { Users, type UserSettings } from './access/users.ts';
import { MAX_AGENT_CONNECTIONS, type TlsFiles } from './listener.ts';
import { ownCertificate } from './net/own-certificate.ts';
import { DEFAULT_PORTS } from './net/port.ts';
import type { ServerSettings } from './settings.ts';

export interface TcpSection {
  readonly settings: ServerSettings;
  readonly stateDirectory: string;
  /** Beyond loopback it has a certificate of its own if none is configured. */
  readonly isHub: boolean;
  /** Where a reverse proxy shows the page. */
  readonly publicUrl: string | undefined;
  /** Of this machine. */
  readonly hostnames: readonly string[];
}

export interface TcpSetup {
  /** Equal for setups that the same listener serves. */
  readonly key: string;
  /** What says who may do what; a stream knows only who its reader was. */
  readonly people: unknown;
  readonly address: ListenAddress;
  readonly ports: readonly number[];
  readonly tls: TlsFiles | undefined;
  /** Undefined: that of an agent that is no hub. */
  readonly maxConnections: number | undefined;
  readonly access: Access;
}

interface Deps {
  readonly apiTokens: ApiTokens;
  readonly oneTime: OneTimeTokens;
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOOPBACK: ListenAddress = { host: '127.0.0.1', port: 0, isLoopback: true };

/** @throws ConfigError if the certificate or the key cannot be used */
export async function setUpTcp(section: TcpSection, deps: Deps): Promise<TcpSetup> {
  const { listen, password, tokens, users = {} } = section.settings;
  const { apiTokens, oneTime, throttle, clock, log } = deps;
  const address = listen === undefined ? LOOPBACK : (parseListen(listen) ?? LOOPBACK);
  const tls = await tlsOf(section, address, clock);
  const passwords = password === undefined ? [] : [password];
  const secrets = [...passwords, ...tokens];
  const names = {
    listen: address,
    isSecure: tls !== undefined,
    publicUrl: section.publicUrl === undefined ? undefined : new URL(section.publicUrl),
    hostnames: section.hostnames,
  };
  return {
    key: JSON.stringify([listen, tls !== undefined, section.isHub]),
    people: { secrets, users },
    address,
    ports: listen === undefined ? DEFAULT_PORTS : [address.port],
    tls,
    maxConnections: section.isHub ? MAX_AGENT_CONNECTIONS : undefined,
    access: new Access({
      names,
      password: await Credentials.of(passwords),
      tokens: await Credentials.of(tokens),
      apiTokens,
      users: await Users.of(users),
      sessions: new Sessions(keyOf(section.stateDirectory, log), stamps(secrets, users), clock),
      oneTime,
      throttle,
    }),
  };
}

function stamps(secrets: readonly string[], users: Readonly<Record<string, UserSettings>>): StampOf {
  return (holder) => {
    if (holder.kind === 'shared') return secrets;
    const user = holder.kind === 'user' && Object.hasOwn(users, holder.name) ? users[holder.name] : undefined;
    return user && ['user', holder.name, user.password];
  };
}

async function tlsOf(
  { settings: { certificate, key }, stateDirectory, isHub }: TcpSection,
  { isLoopback }: ListenAddress,
  clock: Clock,
): Promise<TlsFiles | undefined> {
  if (certificate !== undefined && key !== undefined) return readTlsFiles(certificate, key);
  return isHub && !isLoopback ? ownCertificate(stateDirectory, clock.now()) : undefined;
}

function keyOf(stateDirectory: string, log: Logger): Buffer | undefined {
  try {
    return sessionKey(stateDirectory);
  } catch (error) {
    log.warn(`Sessions end with this process, because their key cannot be kept: ${describeError(error)}`);
    return undefined;
  }
}

async function readTlsFiles(certificate: string, key: string): Promise<TlsFiles> {
  const read = async (option: string, path: string) => {
    try {
      return await readFile(path);
    } catch (error) {
      throw new ConfigError(`Cannot read ${path}; check server.${option}: ${describeError(error)}`, { cause: error });
    }
  };
  const files = { cert: await read('certificate', certificate), key: await read('key', key) };
  try {
    createSecureContext(files);
  } catch (error) {
    throw new ConfigError(`server.certificate and server.key cannot be used: ${describeError(error)}`, {
      cause: error,
    });
  }
  return files;
}
