import { createRequire } from 'node:module';

/** healthd's own version, from its package.json; found by name, wherever the bundler has put this line. */
export function healthdVersion(): string {
  const { version } = createRequire(import.meta.url)('healthd/package.json') as { readonly version: string };
  return version;
}
