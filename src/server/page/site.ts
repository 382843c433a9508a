/**
 * The files of the page, read into memory once: some 200 KB, which stay what they are while a new version is installed. Only
 * names found in the folder are served, so no path leads out of it.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, sep } from 'node:path';

export interface SiteFile {
  readonly type: string;
  readonly body: Buffer;
  /** By content coding. */
  readonly compressed: Readonly<Partial<Record<'br' | 'gzip', Buffer>>>;
  /** Whether the name has a hash of the content, so that browsers may keep it for ever. */
  readonly isImmutable: boolean;
  readonly etag: string;
}

/** Path, such as `/app-1A2B3C4D.js` → file. */
export type Site = ReadonlyMap<string, SiteFile>;

const MAX_BYTES = 16 * 1024 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** As esbuild and others name files: `app-1A2B3C4D.js`. */
const HASHED = /[-.][A-Za-z0-9_]{8,}\.[a-z0-9]+$/;

/** The page that was built with this program, read when it is first asked for. */
export function siteOnce(): () => Site | undefined {
  let site: { readonly files: Site | undefined } | undefined;
  return () => (site ??= { files: readSite(join(packageFolder(), 'dist', 'web')) }).files;
}

/** Resolved by name, because the bundler moves this file. */
function packageFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('healthd/package.json'));
}

/** @returns undefined if there is no such folder, as when the agent runs from sources */
export function readSite(folder: string): Site | undefined {
  const files = new Map<string, Buffer>();
  let size = 0;
  for (const entry of listing(folder)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const body = readFileSync(path);
    size += body.length;
    if (size > MAX_BYTES) throw new Error(`${folder} has more than ${MAX_BYTES} bytes`);
    files.set(path.slice(folder.length).split(sep).join('/'), body);
  }
  if (!files.has('/index.html')) return undefined;
  const site = new Map<string, SiteFile>();
  for (const [path, body] of files) {
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const [br, gzip] = [files.get(`${path}.br`), files.get(`${path}.gz`)];
    site.set(path, {
      type,
      body,
      compressed: { ...(br && { br }), ...(gzip && { gzip }) },
      isImmutable: HASHED.test(path),
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    });
  }
  return site;
}

function listing(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    return []; // not built
  }
}
