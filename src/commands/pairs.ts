/** Tags on the command line: `key=value,key=value`. */
import { ConfigError } from '../core/errors.ts';

/** @throws ConfigError */
export function pairsOf(text: string): readonly (readonly [string, string])[] {
  return text
    .split(',')
    .filter(Boolean)
    .map((pair) => {
      const [, key, value] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (key === undefined || value === undefined) throw new ConfigError(`Write tags as key=value, not "${pair}"`);
      return [key, value];
    });
}
