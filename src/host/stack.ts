/** Where in the code of an external plugin an error comes from. */
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { toError } from '../core/errors.ts';

/** Most characters of a stack that are read. */
const MAX_STACK = 16_384;

/** A chain of causes can be a cycle. */
const MAX_CAUSES = 5;

export interface Frame {
  /** Absolute. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: string;
  readonly column: string;
}

/** Empty for what has no stack. Never throws. */
export function stackOf(thrown: unknown): string {
  try {
    return (toError(thrown).stack ?? '').slice(0, MAX_STACK);
  } catch {
    return ''; // a getter that throws
  }
}

/** The frames in files, innermost first: `at gather (/etc/healthd/x.ts:10:9)`, `at async file:///etc/healthd/x.mjs:3:1`. */
export function framesOf(stack: string): readonly Frame[] {
  const frames = stack.matchAll(/^ {4}at (?:async )?(?:.*? \()?((?:file:\/\/\/|\/|[A-Za-z]:\\).*?):(\d+):(\d+)\)?$/gm);
  return [...frames].flatMap(([, place = '', line = '', column = '']) => ({
    file: place.startsWith('file:') ? fileURLToPath(place) : place,
    line,
    column,
  }));
}

/** Whether a file is in a folder, and not in a package below it: several plugins may use that, and healthd may be one. */
export function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return !isAbsolute(path) && !path.split(sep).some((part) => part === '..' || part === 'node_modules');
}

/**
 * `file:line:column` of the innermost frame in a plugin's module, or beside it, in the stack of an error or of a cause.
 *
 * @param module absolute path; undefined for a built-in plugin, whose places tell its user nothing
 */
export function placeIn(module: string | undefined, thrown: unknown): string | undefined {
  if (module === undefined) return undefined;
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && error !== undefined && error !== null; depth += 1) {
    const found = framesOf(stackOf(error)).find(({ file }) => isInside(dirname(module), file));
    if (found !== undefined) return `${found.file}:${found.line}:${found.column}`;
    error = (error as { readonly cause?: unknown }).cause;
  }
  return undefined;
}
