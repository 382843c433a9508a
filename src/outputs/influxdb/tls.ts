import { readFile } from 'node:fs/promises';

import type { Options } from './options.ts';

export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly rejectUnauthorized: boolean;
}

/** @throws if a file cannot be read; the text names the option */
export async function readTls({ tls }: Options): Promise<TlsMaterial> {
  const read = async (option: 'ca' | 'cert' | 'key') => {
    const path = tls[option];
    return path === undefined ? {} : { [option]: await readPem(option, path) };
  };
  const files = await Promise.all([read('ca'), read('cert'), read('key')]);
  return Object.assign({ rejectUnauthorized: !tls.insecure_skip_verify }, ...files);
}

async function readPem(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`Cannot read ${path}; check tls.${option}`, { cause: error });
  }
}
