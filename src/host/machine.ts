/**
 * The watched host's files. `/proc` and `/sys` are read synchronously by `pread` on descriptors that stay open, into one
 * buffer: a read takes some 10 µs, the promise API ten times as long and more CPU on the main thread than the read
 * itself. What can hang (statfs of a network mount) never comes through here.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { hostname as osHostname } from 'node:os';

import { errorCode } from '../core/errors.ts';
import type { Host } from '../plugin/index.ts';

/** Environment variables: the roots, as Telegraf and gopsutil name them, and the HTTP proxies. */
export type HostEnvironment = Readonly<Record<string, string | undefined>>;

/** A host whose descriptors can be closed. */
export interface OpenHost extends Host {
  close(): void;
}

export interface HostOptions {
  /** HOST_PROC, HOST_SYS, …, HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Default: none, that is this machine, and no proxy. */
  readonly environment?: HostEnvironment | undefined;
  /** Value of the `host` tag. Default: the system's name. */
  readonly hostname?: string | undefined;
  readonly platform?: NodeJS.Platform | undefined;
}

export function openHost(options: HostOptions = {}): OpenHost {
  const { environment = {}, hostname = osHostname(), platform = process.platform } = options;
  const root = (name: string, fallback: string) => (environment[`HOST_${name}`] ?? fallback).replace(/(?<=.)\/+$/, '');
  const reader = new KeptFiles();
  return {
    platform,
    hostname,
    proc: root('PROC', '/proc'),
    sys: root('SYS', '/sys'),
    etc: root('ETC', '/etc'),
    run: root('RUN', '/run'),
    dev: root('DEV', '/dev'),
    mountPrefix: root('MOUNT_PREFIX', ''),
    read: (path) => reader.read(path),
    readText: (path) => reader.read(path).toString('utf8'),
    readOptional: (path) => {
      try {
        return reader.readOnce(path).toString('utf8').trim();
      } catch {
        return ''; // an optional fact
      }
    },
    close: () => {
      reader.close();
    },
  };
}

/** Descriptors kept open by path, and the buffer that all of them read into. */
class KeptFiles {
  readonly #descriptors = new Map<string, number>();
  #buffer = Buffer.allocUnsafeSlow(16 * 1024);

  read(path: string): Buffer {
    const kept = this.#descriptors.get(path);
    if (kept === undefined) return this.#readAll(this.#open(path));
    try {
      return this.#readAll(kept);
    } catch (error) {
      // The file behind a descriptor can vanish and come back (hot-plug); the caller gets any other error.
      this.#forget(path, kept);
      if (!['ENODEV', 'ESRCH', 'EBADF', 'ENXIO', 'ESTALE'].includes(errorCode(error) ?? '')) throw error;
      return this.#readAll(this.#open(path));
    }
  }

  /** For files that are read rarely or come and go: keeps no descriptor. */
  readOnce(path: string): Buffer {
    const descriptor = openSync(path, 'r');
    try {
      return this.#readAll(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  close(): void {
    for (const [path, descriptor] of this.#descriptors) this.#forget(path, descriptor);
  }

  #open(path: string): number {
    const descriptor = openSync(path, 'r');
    this.#descriptors.set(path, descriptor);
    return descriptor;
  }

  #forget(path: string, descriptor: number): void {
    this.#descriptors.delete(path);
    closeSync(descriptor);
  }

  /** Pseudo files report a size of 0, so the end is known only by a read that returns nothing. */
  #readAll(descriptor: number): Buffer {
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, length);
      length += count;
      if (count === 0) return this.#buffer.subarray(0, length);
      if (length === this.#buffer.length) {
        const larger = Buffer.allocUnsafeSlow(length * 2);
        this.#buffer.copy(larger);
        this.#buffer = larger;
      }
    }
  }
}
