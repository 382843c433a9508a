import { readFileSync } from 'node:fs';

/** healthd's own version, from its package.json. */
export function healthdVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
