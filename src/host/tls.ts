/** Certificates and keys for plugins that speak TLS. */
import { readFile } from 'node:fs/promises';

import type { TlsMaterial, TlsOptions } from '../plugin/index.ts';

/** @throws if a file cannot be read; the text names the option */
export async function readTls({ insecure_skip_verify, server_name, ...paths }: TlsOptions): Promise<TlsMaterial> {
  const read = async (option: 'ca' | 'cert' | 'key') => {
    const path = paths[option];
    return path === undefined ? {} : { [option]: await readPem(option, path) };
  };
  const files = await Promise.all([read('ca'), read('cert'), read('key')]);
  const name = server_name === undefined ? {} : { servername: server_name };
  return Object.assign({ rejectUnauthorized: !insecure_skip_verify, ...name }, ...files);
}

async function readPem(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`Cannot read ${path}; check tls.${option}`, { cause: error });
  }
}
