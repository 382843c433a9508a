/**
 * Serves the built page and an API that tells a story. Browser tests use it for what a real machine does not show on demand:
 * forty disks, a host name of 200 characters, no data, a stream that ends.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { AlertsAnswer } from '../../../src/api/alerts.ts';
import type { Finding, FindingsAnswer, HostInfo } from '../../../src/api/host.ts';

import { storyAgent, storyConfig, storyInventory, storyLog } from './story-agent.ts';
import { actOnAlerts, alertHistory, alertWhy, storyAlerts, type AlertState } from './story-alerts.ts';
import { actOnFleet, fleetState, storyFleet, storyFleetEvents, type FleetState } from './story-fleet.ts';
import { storyFleetLines } from './story-fleet-lines.ts';
import { storyFleetInventory, storyHostInventory } from './story-inventory.ts';
import { previewOf, storyRules } from './story-rules.ts';
import {
  isGap,
  MINUTE,
  setInfo,
  STORY_NOW,
  storyEvents,
  storyFindings,
  storyHost,
  storyProcesses,
  storySeries,
  type Series,
} from './story.ts';

export interface FixtureOptions {
  readonly host?: Partial<HostInfo>;
  readonly series?: readonly Series[];
  readonly findings?: readonly Finding[];
  /** Queries of the history fail. */
  readonly isHistoryBroken?: boolean;
  /** Before the first sample: nothing is known yet. */
  readonly isYoung?: boolean;
  readonly needsPassword?: string;
  /** Why no rule can be written. */
  readonly readOnly?: string;
  /** Makes the agent a hub of so many hosts. */
  readonly fleet?: number;
  /** Whether acts and what is private are open; default true. */
  readonly mayAct?: boolean;
}

export interface FixtureHost {
  readonly url: string;
  /** The story's time. */
  now(): number;
  setFindings(findings: readonly Finding[]): void;
  /** Ends all streams and refuses new ones until `true`. */
  setUp(isUp: boolean): void;
  /** Bodies of POST requests, by path. */
  readonly posted: readonly { readonly path: string; readonly body: unknown }[];
  close(): Promise<void>;
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'";
const RING_MS = 5 * MINUTE;
const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
};
const dist = join(import.meta.dirname, '../../../dist/web');

export async function startFixtureHost(options: FixtureOptions = {}, port = 0): Promise<FixtureHost> {
  const started = Date.now();
  const series = options.isYoung === true ? [] : (options.series ?? storySeries());
  const state = {
    now: () => STORY_NOW + (Date.now() - started),
    series,
    columns: columnsOf(series),
    findings: options.findings ?? storyFindings(),
    alerts: storyAlerts(),
    fleet: options.fleet === undefined ? undefined : fleetState(options.fleet),
    isUp: true,
    isSignedIn: options.needsPassword === undefined,
    posted: [] as { path: string; body: unknown }[],
    streams: new Set<Stream>(),
    options,
  };
  const server = createServer((request, response) => void answer(request, response, state));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    now: state.now,
    setFindings: (findings) => {
      state.findings = findings;
      for (const { send } of state.streams) send('findings', findingsAnswer(state));
    },
    setUp: (isUp) => {
      state.isUp = isUp;
      if (!isUp) for (const { response } of state.streams) response.destroy();
    },
    posted: state.posted,
    close: async () => {
      for (const { response } of state.streams) response.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Stream {
  readonly response: ServerResponse;
  readonly send: (event: string, data: unknown) => void;
}

interface State {
  readonly now: () => number;
  readonly series: readonly Series[];
  readonly columns: ReadonlyMap<string, { readonly read: (time: number) => number; readonly isCounter: boolean }>;
  findings: readonly Finding[];
  readonly alerts: AlertState;
  readonly fleet: FleetState | undefined;
  isUp: boolean;
  isSignedIn: boolean;
  readonly posted: { path: string; body: unknown }[];
  readonly streams: Set<Stream>;
  readonly options: FixtureOptions;
}

function columnsOf(series: readonly Series[]) {
  const columns = new Map<string, { readonly read: (time: number) => number; readonly isCounter: boolean }>();
  for (const { measurement, tags, fields } of series) {
    const pairs = Object.keys(tags)
      .sort()
      .map((key) => `${quoted(key)}=${quoted(tags[key] ?? '')}`);
    for (const [field, { read, isCounter = false }] of Object.entries(fields)) {
      columns.set(`${measurement}.${field}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`, { read, isCounter });
    }
  }
  return columns;
}

function quoted(part: string): string {
  return /[.{}=,"\\]/.test(part) ? JSON.stringify(part) : part;
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fixture');
  if (!url.pathname.startsWith('/api/')) {
    await serveFile(url.pathname, response, state);
    return;
  }
  if (!state.isUp) {
    response.destroy();
    return;
  }
  const path = url.pathname.replace('/api/v1/', '');
  if (request.method === 'POST') {
    await post(path, request, response, state);
  } else if (path === 'stream') {
    stream(url, response, state);
  } else {
    if ((PRIVATE.has(path) || path.endsWith('/why')) && state.options.mayAct === false) {
      json(response, 401, { error: 'This needs a session.' });
      return;
    }
    const body =
      ANSWERS[path]?.(url.searchParams, state) ??
      hostInventory(path, state) ??
      alertWhy(state.alerts, path, state.now());
    json(response, body === undefined ? 404 : 200, body ?? { error: 'There is no such route.' });
  }
}

async function serveFile(path: string, response: ServerResponse, state: State): Promise<void> {
  const extension = /\.([a-z]+)$/.exec(path)?.[1] ?? '';
  const type = TYPES[extension];
  try {
    const body = type === undefined ? await indexWith(state, path) : await readFile(join(dist, `${path}.gz`));
    response.writeHead(200, {
      'content-type': type ?? 'text/html; charset=utf-8',
      ...(type !== undefined && { 'content-encoding': 'gzip' }),
      'content-security-policy': POLICY,
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** As the agent does, with what the page shows before it has asked for anything. */
async function indexWith(state: State, path: string): Promise<string> {
  const html = await readFile(join(dist, 'index.html'), 'utf8');
  const session = sessionOf(state);
  const first = {
    now: state.now(),
    session,
    isHub: state.fleet !== undefined,
    ...(session.mayRead && { host: hostOf(state), findings: findingsAnswer(state), ...otherHost(path, state) }),
  };
  const json = JSON.stringify(first).replaceAll('<', '\\u003c');
  return html.replace('id="first">', () => `id="first">${json}`);
}

/** The host of the fleet that an address names. */
function otherHost(path: string, state: State) {
  const name = decodeURIComponent(path.split('/')[2] ?? '');
  const found = state.fleet && storyFleet(state.fleet, state.now()).hosts.find((host) => host.name === name);
  if (found === undefined || !path.startsWith('/h/')) return {};
  const { id, tags, addresses, bootedAt } = found;
  const host = { ...hostOf(state), id, name, tags, addresses, bootedAt, os: '', kernel: '', cores: 0, memoryBytes: 0 };
  return { host, elsewhere: { id, path: name, hub: hostOf(state).name } };
}

function sessionOf({ isSignedIn, options }: State) {
  const mayAct = isSignedIn && options.mayAct !== false;
  const hasPassword = options.needsPassword !== undefined;
  return { mayRead: isSignedIn, mayAct, role: mayAct ? 'admin' : null, hasPassword, hasUsers: false };
}

function hostOf({ options }: State): HostInfo {
  return { ...storyHost, ...options.host };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function post(path: string, request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  state.posted.push({ path, body });
  if (path === 'session') {
    const isRight = state.options.needsPassword === undefined || body['password'] === state.options.needsPassword;
    state.isSignedIn ||= isRight;
    json(response, isRight ? 200 : 401, isRight ? {} : { error: 'Wrong password.' });
    return;
  }
  if (path === 'rules/preview') {
    json(response, 200, previewOf(body, state.now(), state.options.readOnly));
    return;
  }
  if (path === 'rules') {
    json(response, 200, { file: '/etc/healthd/alerts.d/page.yaml' });
    return;
  }
  if (path === 'acks') {
    state.findings = state.findings.map((finding) =>
      finding.alert !== undefined && finding.alert.fingerprint === body['fingerprint']
        ? { ...finding, alert: { ...finding.alert, acknowledgedBy: String(body['by']) } }
        : finding,
    );
    for (const { send } of state.streams) send('findings', findingsAnswer(state));
  }
  const fleet = state.fleet && actOnFleet(state.fleet, path, body, state.now());
  if (fleet !== undefined) {
    json(response, 200, fleet);
    return;
  }
  const answer = actOnAlerts(state.alerts, path, body, state.now());
  for (const { send } of state.streams) send('alerts', alertsAnswer(state));
  json(response, 200, answer ?? {});
}

function findingsAnswer({ findings, now }: State): FindingsAnswer {
  return { at: now(), findings: [...findings], fine: 41 };
}

/** At a hub the first two are of one of its hosts. */
function alertsAnswer({ alerts: { alerts }, fleet, now }: State): AlertsAnswer {
  const host = fleet && storyFleet(fleet, now()).hosts.find(({ name }) => name === 'db-fra1-001');
  const from = host && { from: { id: host.id, name: host.name } };
  return { alerts: alerts.map((listed, index) => (index < 2 ? { ...listed, ...from } : listed)), windows: [] };
}

const PRIVATE: ReadonlySet<string> = new Set(['alerts/history', 'log', 'config', 'fleet/tokens']);

const ANSWERS: Readonly<Record<string, (query: URLSearchParams, state: State) => unknown>> = {
  session: (_, state) => sessionOf(state),
  hosts: (_, state) => ({ hosts: [hostOf(state)], now: state.now(), isHub: state.fleet !== undefined }),
  series: (query, { series, now }) => {
    const words = (query.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const sets = series.map((one) => setInfo(one, now()));
    const host = query.get('host');
    const found = sets
      .filter((set) => words.every((word) => JSON.stringify(set).toLowerCase().includes(word)))
      .map((set) => (host === null ? set : { ...set, tags: { ...set.tags, host } }));
    return { sets: found.slice(0, Number(query.get('limit') ?? 100)), isComplete: true };
  },
  query: (query, state) => (state.options.isHistoryBroken === true ? undefined : rangeAnswer(query, state)),
  usual: (query, state) => usualAnswer(query, state),
  changes: (query, state) => changesAnswer(query, state),
  processes: (query, { now }) => {
    const time = Number(query.get('at') ?? now());
    return { at: time, total: 412, processes: storyProcesses(time), isRestricted: false };
  },
  events: (query) => ({
    events: storyEvents
      .filter(({ at, until }) => at <= Number(query.get('to')) && (until ?? at) >= Number(query.get('from')))
      .toReversed(),
    isComplete: true,
  }),
  findings: (_, state) => findingsAnswer(state),
  alerts: (_, state) => alertsAnswer(state),
  'alerts/history': (query, { alerts }) => alertHistory(alerts, query),
  rules: () => storyRules,
  silences: (_, { alerts: { silences } }) => ({ silences }),
  agent: (_, { now }) => storyAgent(now()),
  log: (_, { now }) => storyLog(now()),
  config: () => storyConfig,
  fleet: (_, { fleet, now }) => fleet && storyFleet(fleet, now()),
  'fleet/events': (query, { fleet, now }) => fleet && storyFleetEvents(fleet, now(), query.get('host') ?? undefined),
  'fleet/lines': (query, { fleet, now }) => fleet && storyFleetLines(fleet, query, now()),
  audience: (query) => audienceOf(query.getAll('label')),
  'fleet/inventory': (_, { fleet, now }) => fleet && storyFleetInventory(fleet, now()),
  'fleet/tokens': (_, { fleet }) => fleet && { tokens: fleet.tokens },
  inventory: (_, { now }) => storyInventory(now()),
};

function rangeAnswer(query: URLSearchParams, { columns, now }: State) {
  const [from, to, width] = [Number(query.get('from')), Number(query.get('to')), Number(query.get('width') ?? 600)];
  const step = Math.max(1000, Math.ceil((to - from) / width / 1000) * 1000);
  const first = Math.floor(from / step) * step;
  const times: number[] = [];
  for (let time = first; time < to; time += step) times.push(time);
  const functions = (query.get('fn') ?? 'mean').split(',');
  return {
    from: first,
    step,
    series: query.getAll('s').map((name) => {
      const read = columns.get(ownName(name))?.read;
      const value = (time: number) => (read === undefined || isGap(time) || time > now() ? null : read(time));
      return {
        name,
        values: Object.fromEntries(functions.map((fn) => [fn, times.map((time) => bucket(fn, value(time)))])),
      };
    }),
  };
}

function audienceOf(labels: readonly string[]) {
  const isCritical = labels.includes('level=critical');
  const later = isCritical ? [{ after: 900_000, receivers: ['boss'] }] : [];
  return { routes: [{ path: ['all'], receivers: isCritical ? ['team', 'pager'] : ['team'], isMuted: false, later }] };
}

function hostInventory(path: string, { fleet, now }: State) {
  const id = /^fleet\/hosts\/([^/]+)\/inventory$/.exec(path)?.[1];
  return id === undefined ? undefined : fleet && storyHostInventory(fleet, now(), id);
}

/** Other hosts of the fleet have the values of this one. */
function ownName(name: string): string {
  return name
    .replace(/,?host=[^,}]+/, '')
    .replace('{,', '{')
    .replace('{}', '');
}

function bucket(fn: string, value: number | null): number | null {
  if (value === null) return null;
  return fn === 'min' ? value * 0.97 : fn === 'max' ? value * 1.03 : value;
}

function usualAnswer(query: URLSearchParams, { columns }: State) {
  const hour = 3_600_000;
  const from = Math.floor(Number(query.get('from')) / hour) * hour;
  const hours = Math.ceil((Number(query.get('to')) - from) / hour);
  const calm = STORY_NOW - 6 * hour;
  return {
    series: query.getAll('s').map((name) => {
      const value = columns.get(name)?.read(calm) ?? 0;
      return {
        name,
        from,
        low: Array.from({ length: hours }, () => value * 0.7),
        high: Array.from({ length: hours }, () => value * 1.5),
      };
    }),
  };
}

function changesAnswer(query: URLSearchParams, { series }: State) {
  const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
  const rows = [...columnsOf(series)].map(([name, { read, isCounter }]) => {
    const spark = Array.from({ length: 32 }, (_, index) =>
      read(from - (to - from) + ((index + 0.5) * (to - from)) / 16),
    );
    const [before, after] = [median(spark.slice(0, 16)), median(spark.slice(16))];
    const floor = Math.max(0.01, Math.max(...spark) * 0.01);
    const factor = Math.max(after, floor) / Math.max(before, floor);
    const unit =
      series.find(({ measurement }) => name.startsWith(`${measurement}.`))?.fields[name.split(/[.{]/)[1] ?? '']?.unit ??
      '';
    return {
      name,
      unit,
      isRate: isCounter,
      before,
      after,
      factor,
      score: Math.abs(after - before) / Math.max(floor, Math.max(...spark) * 0.05),
      spark,
    };
  });
  rows.sort((a, b) => b.score - a.score);
  return { compared: rows.length, ms: 84, rows: rows.slice(0, Number(query.get('limit') ?? 20)) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Each second what a live view sends. Counters grow by what the story says for the second. */
function stream(url: URL, response: ServerResponse, state: State): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (event: string, data: unknown) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const names = [...state.columns.keys()].filter((name) =>
    /^(cpu|mem|disk|diskio|net|system|pressure|temp)\./.test(name),
  );
  send('series', { names });
  send('findings', findingsAnswer(state));
  send('alerts', alertsAnswer(state));
  const processes = () => {
    send('processes', { at: state.now(), total: 412, processes: storyProcesses(state.now()), isRestricted: false });
  };
  if (state.options.isYoung !== true) processes();
  const counts = new Map<string, number>();
  const sample = (at: number) => {
    send('sample', { at, values: names.map((name) => valueAt(state, counts, name, at)) });
  };
  const newest = Math.floor(state.now() / 1000) * 1000;
  const since = Math.max(Number(url.searchParams.get('since') ?? 0), newest - RING_MS);
  let at = Math.floor(since / 1000) * 1000 + 1000;
  if (state.options.isYoung !== true) for (; at <= newest; at += 1000) sample(at);
  const timer = setInterval(() => {
    if (state.options.isYoung === true) return;
    for (; at <= state.now(); at += 1000) sample(at);
    if (Math.floor(at / 1000) % 2 === 0) processes();
  }, 250);
  const entry = { response, send };
  state.streams.add(entry);
  response.on('close', () => {
    clearInterval(timer);
    state.streams.delete(entry);
  });
}

function valueAt({ columns }: State, counts: Map<string, number>, name: string, at: number): number | null {
  const column = columns.get(name);
  if (column === undefined || isGap(at)) return null;
  if (!column.isCounter) return column.read(at);
  const count = (counts.get(name) ?? 1e12) + column.read(at);
  counts.set(name, count);
  return count;
}
