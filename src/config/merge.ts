/** `conf.d` and `alerts.d` beside the configuration: further entries, and settings that the main file does not set. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

import { ConfigError, describeError, errorCode } from '../core/errors.ts';

import { checkObeyed, type TrustedOwners } from '../registry/file-permissions.ts';

import { DATA_EXTENSIONS, EmptyConfig, parseFile, parseText } from './parse.ts';
import { InvalidConfig, problemAt, type Problem } from './problem.ts';
import type { Path, Source } from './source.ts';
import { isMapping } from './substitute.ts';

export interface Merged extends Source {
  /** The main file first. */
  readonly files: readonly string[];
}

/** A file of `alerts.d` as it would be: read from here instead of the disk, and even if it does not exist yet. */
export interface DraftFile {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
}

/**
 * Adds the files of `conf.d`, and those of `alerts.d`, whose content goes into the section `alerts`; each folder in the order
 * of file names. Files whose name begins with a dot are skipped.
 */
export async function withFragments(main: Source, owners: TrustedOwners, draft?: DraftFile): Promise<Merged> {
  const problems: Problem[] = [];
  const folder = dirname(main.file);
  const fragments = await readFragments(join(folder, 'conf.d'), owners, problems);
  const alerts = await readFragments(join(folder, 'alerts.d'), owners, problems, draft);
  if (problems.length > 0) throw new InvalidConfig(problems);
  return merge([main, ...fragments, ...alerts.map((fragment) => within('alerts', fragment))]);
}

/** The same for the built-in default, which has no folders. */
export async function withDraft(main: Source, draft: DraftFile, owners: TrustedOwners): Promise<Merged> {
  const merged = merge([main, within('alerts', await parseText(draft.file, draft.text, owners))]);
  return { ...merged, files: [] };
}

async function readFragments(
  folder: string,
  owners: TrustedOwners,
  problems: Problem[],
  draft?: DraftFile,
): Promise<readonly Source[]> {
  const fragments: Source[] = [];
  const added = draft === undefined ? [] : [basename(draft.file)];
  for (const name of [...new Set([...(await listFragments(folder, owners)), ...added])].sort()) {
    const file = join(folder, name);
    try {
      fragments.push(await (file === draft?.file ? parseText(file, draft.text, owners) : parseFile(file, owners)));
    } catch (error) {
      // Commenting out a whole fragment switches it off.
      if (error instanceof EmptyConfig) continue;
      if (!(error instanceof InvalidConfig)) throw error;
      problems.push(...error.problems);
    }
  }
  return fragments;
}

function within(section: string, source: Source): Source {
  return {
    file: source.file,
    value: { [section]: source.value },
    locate: (path, part) => source.locate(path[0] === section ? path.slice(1) : path, part),
  };
}

async function listFragments(folder: string, owners: TrustedOwners): Promise<string[]> {
  try {
    await checkObeyed(folder, owners);
    const names = await readdir(folder);
    const known: readonly string[] = DATA_EXTENSIONS;
    return names.filter((name) => !name.startsWith('.') && known.includes(extname(name))).sort();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw new ConfigError(`The folder ${folder} cannot be read: ${describeError(error)}`, { cause: error });
  }
}

/**
 * Lists are concatenated and mappings merged; any other value that is set twice is a problem.
 *
 * @throws InvalidConfig naming both places
 */
export function merge(sources: readonly [Source, ...Source[]]): Merged {
  const [main] = sources;
  const files = sources.map(({ file }) => file);
  if (sources.length === 1) return { ...main, files };

  const problems: Problem[] = [];
  /** Merged path → origin. Only for values that are not at the same path of the main file. */
  const origins = new Map<string, { readonly source: Source; readonly path: Path }>();
  const note = (path: Path, source: Source, inner: Path) => {
    origins.set(JSON.stringify(path), { source, path: inner });
  };
  const locate: Source['locate'] = (path, part) => {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = origins.get(JSON.stringify(path.slice(0, length)));
      if (origin !== undefined) return origin.source.locate([...origin.path, ...path.slice(length)], part);
    }
    return main.locate(path, part);
  };

  const combine = (base: unknown, source: Source, value: unknown, path: Path): unknown => {
    if (Array.isArray(base) && Array.isArray(value)) {
      value.forEach((_item, index) => {
        note([...path, base.length + index], source, [...path, index]);
      });
      return [...(base as unknown[]), ...(value as unknown[])];
    }
    if (isMapping(base) && isMapping(value)) {
      const result = { ...base };
      for (const [key, item] of Object.entries(value)) {
        const inner = [...path, key];
        if (Object.hasOwn(base, key)) {
          result[key] = combine(base[key], source, item, inner);
        } else {
          note(inner, source, inner);
          result[key] = item;
        }
      }
      return result;
    }
    const first = locate(path, 'key');
    const place = first.line === undefined ? first.file : `${first.file}:${first.line}`;
    const message = `${path.length === 0 ? 'The configuration' : `"${path.join('.')}"`} is also set in ${place}`;
    problems.push(problemAt(source.locate(path, 'key'), path, { message, hint: 'keep one of the two' }));
    return base;
  };

  let value = main.value;
  for (const source of sources.slice(1)) value = combine(value, source, source.value, []);
  if (problems.length > 0) throw new InvalidConfig(problems);
  return { file: main.file, files, value, locate };
}
