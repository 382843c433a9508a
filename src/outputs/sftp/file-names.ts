/**
 * Names of finished files: `healthd-<host>-<UTC time>-<hash>.lp.gz`. The hash is the beginning of the SHA-256 of the
 * content, so a name identifies its content, locally and on the server: a partial upload can be resumed and verified.
 */
import type { Format } from '../../plugin/index.ts';

/** Hexadecimal digits. */
export const HASH_LENGTH = 16;

const EXTENSIONS: Readonly<Record<Format, string>> = { influx: 'lp', json: 'ndjson', csv: 'csv' };

export function extensionOf(format: Format): string {
  return EXTENSIONS[format];
}

/** `20250601T120000000Z`, which sorts by time. */
export function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:.]/g, '');
}

export function finishedName(hostname: string, time: string, hash: string, suffix: string): string {
  return `healthd-${safe(hostname)}-${time}-${hash.slice(0, HASH_LENGTH)}.${suffix}`;
}

export interface FinishedName {
  /** Sanitized for file names. */
  readonly hostname: string;
  /** In the format of `stamp`. */
  readonly time: string;
  readonly hash: string;
  /** Whether it is a partial upload on the server. */
  readonly isPart: boolean;
}

const FINISHED = /^healthd-(.+)-(\d{8}T\d{9}Z)-([0-9a-f]{16})\.(?:lp|ndjson|csv)(?:\.gz)?(\.part)?$/;

/** @returns undefined if it is not the name of a finished file */
export function parseName(name: string): FinishedName | undefined {
  const [, hostname, time, hash, part] = FINISHED.exec(name) ?? [];
  if (hostname === undefined || time === undefined || hash === undefined) return undefined;
  return { hostname, time, hash, isPart: part !== undefined };
}

/** Whether a file was written by this host. */
export function isFromHost(hostname: string, file: FinishedName): boolean {
  return file.hostname === safe(hostname);
}

function safe(hostname: string): string {
  return hostname.replace(/[^\w.-]/g, '_');
}

/** A temporary file that tests whether files can be created. */
export function probeName(hostname: string): string {
  return `.healthd-${safe(hostname)}-probe`;
}
