/** Text or code → value with positions. Imports only the parser that the file needs. */
import { extname } from 'node:path';

import { ConfigError, describeError, errorCode } from '../core/errors.ts';
import { readObeyed, type TrustedOwners } from '../registry/file-permissions.ts';
import { importCode } from '../registry/load-code.ts';

import { codeRanges } from './code-ranges.ts';
import { InvalidConfig, problemAt } from './problem.ts';
import { nowhere, textSource, type Source } from './source.ts';
import { hideUrlSecretsInText } from './url-secrets.ts';

export const DATA_EXTENSIONS = ['.yaml', '.yml', '.toml', '.json'] as const;
export const CODE_EXTENSIONS = ['.ts', '.js', '.mjs'] as const;

/**
 * @param file absolute path
 * @param owners whose files may be obeyed
 * @throws InvalidConfig for a fault with a position in the file; ConfigError if the file cannot be read or run, or others
 *   than the owners could have written it
 */
export async function parseFile(file: string, owners: TrustedOwners): Promise<Source> {
  let text: string;
  try {
    text = (await readObeyed(file, owners)).toString('utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (errorCode(error) === 'ENOENT') throw new ConfigError(`${file} does not exist`);
    throw new ConfigError(`The configuration ${file} cannot be read: ${describeError(error)}`, { cause: error });
  }
  return parseText(file, text, owners);
}

/** The same for a text in memory. Code is still run from the file, because it may import files beside it. */
export async function parseText(file: string, text: string, owners: TrustedOwners): Promise<Source> {
  const source = await parseAs(extname(file).toLowerCase(), file, text.replace(/^\uFEFF/, ''), owners).catch(
    maskLikelySecrets,
  );
  if (source.value === undefined || source.value === null) throw emptyFile(file);
  return source;
}

async function parseAs(extension: string, file: string, text: string, owners: TrustedOwners): Promise<Source> {
  if (text.trim() === '') throw emptyFile(file);
  // Also UTF-16, in which editors on Windows may save.
  if (text.includes('\0')) throw notText(file);
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
      return parseCode(file, text, owners);
    default: {
      const known = [...DATA_EXTENSIONS, ...CODE_EXTENSIONS].join(', ');
      const telegraf =
        extension === '.conf'
          ? '; healthd has a form of its own, and docs/configuration.md has the names of Telegraf'
          : '';
      throw new ConfigError(`The configuration ${file} must have one of the extensions ${known}${telegraf}`);
    }
  }
}

async function parseCode(file: string, text: string, owners: TrustedOwners): Promise<Source> {
  const { exports } = await importCode(file, file, owners, { healthd: await import('./define-config.ts') });
  const value = (exports as { readonly default?: unknown } | undefined)?.default;
  if (typeof value !== 'object') {
    throw new ConfigError(
      `${file} exports no configuration; write: export default { inputs: ['cpu'], outputs: ['console'] }`,
    );
  }
  return textSource(file, text, value, codeRanges(text, value));
}

/** Schemas know which options are secret, but a text with a syntax error is never validated against one. */
const LIKELY_SECRET = /((?:token|passw|secret|key|auth|credential|webhook|dsn)\w*["']?\s*[:=]\s*)(.*)/i;

function maskLikelySecrets(error: unknown): never {
  if (!(error instanceof InvalidConfig) || error instanceof EmptyConfig) throw error;
  const asterisks = (secret: string) => '*'.repeat(secret.length);
  const mask = (line: string) =>
    hideUrlSecretsInText(
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

function notText(file: string): InvalidConfig {
  return new InvalidConfig([
    problemAt(nowhere(file), [], { message: 'The configuration is not text in UTF-8', hint: 'save it as UTF-8' }),
  ]);
}
