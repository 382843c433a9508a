/** Text or code → value with positions. Imports only the parser that the file needs. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

import { ConfigError, describeError } from '../core/errors.ts';
import { importCode } from '../registry/load-code.ts';

import { InvalidConfig, problemAt } from './problem.ts';
import { nowhere, opaqueSource, type Source } from './source.ts';
import { hideUrlPasswordsInText } from './url-passwords.ts';

export const DATA_EXTENSIONS = ['.yaml', '.yml', '.toml', '.json'] as const;
export const CODE_EXTENSIONS = ['.ts', '.js', '.mjs'] as const;

/**
 * @param file absolute path
 * @throws InvalidConfig for a fault with a position in the file; ConfigError if the file cannot be read or run
 */
export async function parseFile(file: string): Promise<Source> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`The configuration ${file} cannot be read: ${describeError(error)}`, { cause: error });
  }
  return parseText(file, text);
}

/** The same for a text in memory. Code is still run from the file, because it may import files beside it. */
export async function parseText(file: string, text: string): Promise<Source> {
  const source = await parseAs(extname(file).toLowerCase(), file, text.replace(/^\uFEFF/, '')).catch(maskLikelySecrets);
  if (source.value === undefined || source.value === null) throw emptyFile(file);
  return source;
}

async function parseAs(extension: string, file: string, text: string): Promise<Source> {
  if (text.trim() === '') throw emptyFile(file);
  switch (extension) {
    case '.yaml':
    case '.yml':
      return (await import('./parse-yaml.ts')).parseYaml(file, text);
    case '.toml':
      return (await import('./parse-toml.ts')).parseToml(file, text);
    case '.json':
      return (await import('./parse-json.ts')).parseJson(file, text);
    case '.ts':
    case '.js':
    case '.mjs':
      return parseCode(file);
    default: {
      const known = [...DATA_EXTENSIONS, ...CODE_EXTENSIONS].join(', ');
      throw new ConfigError(`The configuration ${file} must have one of the extensions ${known}`);
    }
  }
}

async function parseCode(file: string): Promise<Source> {
  const { exports } = await importCode(file, file);
  const value = (exports as { readonly default?: unknown } | undefined)?.default;
  if (typeof value !== 'object') {
    throw new ConfigError(
      `${file} exports no configuration; write: export default { inputs: ['cpu'], outputs: ['console'] }`,
    );
  }
  return opaqueSource(file, value);
}

/** Schemas know which options are secret, but a text with a syntax error is never validated against one. */
const LIKELY_SECRET = /((?:token|passw|secret|key|auth|credential|webhook|dsn)\w*["']?\s*[:=]\s*)(.*)/i;

function maskLikelySecrets(error: unknown): never {
  if (!(error instanceof InvalidConfig) || error instanceof EmptyConfig) throw error;
  const asterisks = (secret: string) => '*'.repeat(secret.length);
  const mask = (line: string) =>
    hideUrlPasswordsInText(
      line.replace(LIKELY_SECRET, (_all, name: string, value: string) => name + asterisks(value)),
      asterisks,
    );
  throw new InvalidConfig(
    error.problems.map((problem) =>
      problem.sourceLine === undefined ? problem : { ...problem, sourceLine: mask(problem.sourceLine) },
    ),
  );
}

/** The file holds only whitespace and comments. */
export class EmptyConfig extends InvalidConfig {}

function emptyFile(file: string): EmptyConfig {
  return new EmptyConfig([
    problemAt(nowhere(file), [], {
      message: 'The configuration is empty',
      hint: 'start from the output of "healthd config sample", or remove the file to use the built-in default',
    }),
  ]);
}
