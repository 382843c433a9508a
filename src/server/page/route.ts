/** Serves the page: its files, and `index.html` for the paths of its views. */
import type { IncomingMessage } from 'node:http';

import type { Caller } from '../access/caller.ts';
import type { Sight } from '../access/sight.ts';
import { Reply } from '../answer.ts';
import { HttpError } from '../http-error.ts';
import type { Route } from '../route.ts';

import type { Site, SiteFile } from './site.ts';

/** First segments of the paths that the page itself makes sense of. */
const VIEWS: ReadonlySet<string> = new Set([
  '',
  'h',
  'alerts',
  'fleet',
  'inventory',
  'hub',
  'time',
  'processes',
  'containers',
  'explore',
  'agent',
]);

const PLACEHOLDER = /(<script type="application\/json" id="first">)[^<]*(<\/script>)/;

export interface PageOptions {
  /** Undefined if the page was not built. */
  readonly site: () => Site | undefined;
  /** What the page shows before its script has asked for anything; a JSON value. */
  readonly first: (caller: Caller, sight: Sight) => unknown;
}

export function pageRoute({ site, first }: PageOptions): Route {
  return {
    method: 'GET',
    path: '/*',
    needs: 'page',
    reach: 'seen',
    about: undefined,
    handle: ({ id: path, caller, sight, message }) => {
      if (path.startsWith('/api/')) throw new HttpError(404, `No such route: GET ${path}`);
      const files = site();
      if (files === undefined) throw new HttpError(404, 'This build has no page; "npm run build" makes it');
      const file = files.get(path === '/' ? '/index.html' : path);
      if (file !== undefined && file.type !== INDEX_TYPE) return Promise.resolve(fileReply(file, message));
      const index = files.get('/index.html');
      if (index === undefined || (file === undefined && !VIEWS.has(path.split('/')[1] ?? '')))
        throw new HttpError(404, `There is nothing at ${path}`);
      return Promise.resolve(indexReply(index, first(caller, sight)));
    },
  };
}

const INDEX_TYPE = 'text/html; charset=utf-8';

function fileReply({ type, body, compressed, isImmutable, etag }: SiteFile, { headers }: IncomingMessage): Reply {
  const base = {
    'content-type': type,
    'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag,
    vary: 'accept-encoding',
  };
  if (headers['if-none-match'] === etag) return new Reply(304, base, '');
  for (const coding of ['br', 'gzip'] as const) {
    const bytes = compressed[coding];
    if (bytes !== undefined && accepts(headers['accept-encoding'], coding))
      return new Reply(200, { ...base, 'content-encoding': coding }, bytes);
  }
  return new Reply(200, base, body);
}

function accepts(header: string | string[] | undefined, coding: string): boolean {
  return new RegExp(`\\b${coding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))`).test(String(header ?? ''));
}

/** The value is data in a block that no browser runs; `<` is escaped, so that it cannot end the block. */
function indexReply({ body }: SiteFile, value: unknown): Reply {
  const json = JSON.stringify(value ?? null).replaceAll('<', '\\u003c');
  const html = body.toString('utf8').replace(PLACEHOLDER, (_, begin: string, end: string) => begin + json + end);
  return new Reply(200, { 'content-type': INDEX_TYPE, 'cache-control': 'no-store' }, html);
}
