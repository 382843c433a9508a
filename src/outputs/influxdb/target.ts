import type { Options } from './options.ts';

/** The differences between the write APIs of InfluxDB 1 and of InfluxDB 2 and 3. */
export interface Target {
  /** The option that names the destination. */
  readonly option: 'bucket' | 'database';
  /** For messages: `bucket "telegraf"`. */
  readonly name: string;
  /** Path and query of a write; timestamps are in nanoseconds. */
  readonly writePath: string;
  /** InfluxQL that creates the database; undefined if healthd may not or cannot create it. */
  readonly creation: string | undefined;
  /** For messages: the options that hold the credentials. */
  readonly credentials: string;
}

export function targetOf(options: Options): Target {
  const { bucket, database = '', org, retention_policy, token, username } = options;
  if (bucket !== undefined) {
    const query = new URLSearchParams({ ...(org === undefined ? {} : { org }), bucket, precision: 'ns' });
    return {
      option: 'bucket',
      name: `bucket "${bucket}"`,
      writePath: `/api/v2/write?${query.toString()}`,
      creation: undefined,
      credentials: username === undefined ? 'token' : 'username and password',
    };
  }
  const policy = retention_policy === undefined ? {} : { rp: retention_policy };
  const query = new URLSearchParams({ db: database, ...policy, precision: 'ns' });
  return {
    option: 'database',
    name: `database "${database}"`,
    writePath: `/write?${query.toString()}`,
    creation: options.skip_database_creation ? undefined : `CREATE DATABASE ${quoted(database)}`,
    credentials: token === undefined ? 'username and password' : 'token',
  };
}

/** An identifier of InfluxQL. */
function quoted(name: string): string {
  return `"${name.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
