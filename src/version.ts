import { createRequire } from 'node:module';

/** healthd's version from its package.json, resolved by name because the bundler moves this file. */
export function healthdVersion(): string {
  const { version } = createRequire(import.meta.url)('healthd/package.json') as { readonly version: string };
  return version;
}
