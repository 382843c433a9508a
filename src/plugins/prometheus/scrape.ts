import {
  inTurns,
  refusal,
  type Accumulator,
  type PluginContext,
  type Tags,
  type TlsMaterial,
} from '../../plugin/index.ts';

import { parseExposition, type Format } from '../exposition.ts';
import type { metrics } from './metrics.ts';
import type { Options } from './options.ts';
import { pointsOf, type Point } from '../exposition-points.ts';
import { tagOf } from './target-tag.ts';

export type Scrape = (target: URL, acc: Accumulator<typeof metrics>, signal: AbortSignal) => Promise<void>;

/** Prefers the text format, as Telegraf does: in OpenMetrics some programs rename their counters. */
const ACCEPT = 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1';

export function targetOf(text: string): URL {
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = '/metrics';
  return url;
}

export function createScrape(options: Options, tls: TlsMaterial, { http, clock }: PluginContext): Scrape {
  const headers = { ...authorizationOf(options), ...options.headers, accept: ACCEPT, 'accept-encoding': 'gzip' };
  const { url_tag: urlTag, max_body: maxAnswerBytes } = options;
  return async (target, acc, signal) => {
    // What is scraped is near; Prometheus and Telegraf do not use a proxy of the environment for it either.
    const answer = await http({ url: target.href, method: 'GET', headers, tls, proxy: 'off', maxAnswerBytes }, signal);
    if (answer.status !== 200) throw refusal(target.host, answer, clock.now());
    if (answer.isCut) throw new Error(`The response of ${target.host} exceeds ${maxAnswerBytes} bytes; raise max_body`);
    const tags = urlTag === '' ? {} : { [urlTag]: tagOf(target) };
    const points = await inTurns(readPoints(answer.body, formatOf(answer.headers), target, options), signal);
    await inTurns(adding(points, tags, acc), signal);
  };
}

function* readPoints(body: string, format: Format, { host }: URL, options: Options) {
  const { ignore_timestamp: ignoreTime, max_samples: most } = options;
  try {
    return yield* pointsOf(yield* parseExposition(body, format, most), ignoreTime);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new Error(`The response of ${host} has ${error.message}; raise max_samples`, { cause: error });
    }
    throw new Error(`Cannot parse the response of ${host}`, { cause: error });
  }
}

/** A few milliseconds of work. */
const POINTS_IN_STEP = 1000;

function* adding(points: readonly Point[], tags: Tags, acc: Accumulator<typeof metrics>): Generator<undefined, void> {
  for (const [index, point] of points.entries()) {
    acc.add('prometheus', point.fields, { ...point.tags, ...tags }, point.time);
    if (index % POINTS_IN_STEP === POINTS_IN_STEP - 1) yield;
  }
}

function formatOf(headers: ReadonlyMap<string, string>): Format {
  return headers.get('content-type')?.startsWith('application/openmetrics-text') === true ? 'openMetrics' : 'text';
}

function authorizationOf({ username, password = '', bearer_token }: Options): Readonly<Record<string, string>> {
  if (bearer_token !== undefined) return { authorization: `Bearer ${bearer_token}` };
  if (username === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
