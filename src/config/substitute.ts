/**
 * Substitutes `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}`, in string values only. `$${` is a literal `${`.
 * The result is always a string and is not scanned again, so an outside value cannot add structure or further
 * substitutions.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { describeError, errorCode } from '../core/errors.ts';

import { problemAt, type Complaint, type Problem } from './problem.ts';
import type { Path, Source } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A string that contains an outside value. */
export interface SubstitutedValue {
  readonly path: Path;
  /** The outside values, without the text around them. */
  readonly parts: readonly string[];
}

export interface Substituted {
  readonly value: unknown;
  readonly secrets: readonly SubstitutedValue[];
  readonly problems: readonly Problem[];
}

/** Secrets are short: this keeps a wrong path from reading a log file into memory. Bytes. */
const MAX_FILE = 1024 * 1024;

/** An escaped or a real opening; of a real one also the inside, if it is closed. */
const OPENING = /\$\$\{|\$\{(?:([^{}]*)\})?/g;

/** @param anchor the file that holds the value at a path: relative paths are resolved against its folder */
export function substitute(source: Source, environment: Environment, anchor: (path: Path) => string): Substituted {
  const secrets: SubstitutedValue[] = [];
  const problems: Problem[] = [];

  const replace = (text: string, path: Path): string => {
    const location = source.locate(path);
    const parts: string[] = [];
    const result = text.replace(OPENING, (opening, inside: string | undefined) => {
      if (opening === '$${') return '${';
      const found = resolveReference(inside, environment, anchor(path));
      if (typeof found === 'string') {
        parts.push(found);
        return found;
      }
      problems.push(problemAt(location, path, found));
      return '';
    });
    if (parts.length > 0) secrets.push({ path, parts });
    return result;
  };

  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return value.includes('${') ? replace(value, path) : value;
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (!isMapping(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };

  return { value: walk(source.value, []), secrets, problems };
}

/** A plain object of any realm or parser. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && Object.prototype.toString.call(value) === '[object Object]';
}

function resolveReference(inside: string | undefined, environment: Environment, file: string): string | Complaint {
  if (inside === undefined) {
    return { message: '"${" has no closing "}"', hint: 'write "$${" for a literal "${"' };
  }
  const [, scheme, rest = ''] = /^(env|file):(.*)$/s.exec(inside) ?? [];
  if (scheme === 'env') return readVariable(rest, environment);
  if (scheme === 'file') return readSecretFile(rest, file);
  const name = /^[A-Za-z_]\w*/.exec(inside)?.[0];
  return {
    message: `"\${${inside}}" is neither \${env:…} nor \${file:…}`,
    hint: `${name === undefined ? '' : `write "\${env:${name}}" for the variable, `}"$\${${inside}}" for the literal text`,
  };
}

function readVariable(reference: string, environment: Environment): string | Complaint {
  const [, name = '', fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(reference) ?? [];
  if (name === '') {
    return {
      message: `"\${env:${reference}}" names no variable`,
      hint: 'write ${env:NAME}, or ${env:NAME:-default} if the variable is optional',
    };
  }
  const value = environment[name];
  // As in a shell, the default also replaces an empty variable.
  if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
  if (value !== undefined) return value;
  return {
    message: `The environment variable ${name} is not set`,
    hint: `set it, or add a default: \${env:${name}:-default}`,
  };
}

function readSecretFile(path: string, configFile: string): string | Complaint {
  if (path === '') return { message: '"${file:}" names no file', hint: 'write ${file:/path/of/the/file}' };
  const full = resolve(dirname(configFile), path);
  try {
    const status = statSync(full);
    if (!status.isFile()) return { message: `${full} is not a regular file` };
    if (status.size > MAX_FILE) return { message: `${full} is too large for a secret (${status.size} bytes)` };
    return readFileSync(full, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { message: `${full} does not exist` };
    const hint = errorCode(error) === 'EACCES' ? 'make it readable for the user that healthd runs as' : undefined;
    return { message: `${full} cannot be read: ${describeError(error)}`, hint };
  }
}
