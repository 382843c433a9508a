/**
 * The part of Grafana's HTTP API that healthd uses, after its documentation ("Folder", "Dashboard" and "Alerting provisioning
 * HTTP API"). It refuses what the real one refuses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { z } from 'zod';

export type Role = 'Viewer' | 'Editor' | 'Admin';

export interface FakeGrafana {
  readonly url: string;
  /** uid → title */
  readonly folders: Map<string, string>;
  readonly dashboards: Map<string, StoredDashboard>;
  /** `folder uid/group` → rules */
  readonly ruleGroups: Map<string, RuleGroup>;
  /** Uids provisioned by a Grafana plugin or by files: they cannot be replaced. */
  readonly locked: Map<string, 'plugin' | 'file'>;
  /** Requests in order, e.g. `POST /api/folders`. */
  readonly requests: string[];
  close(): Promise<void>;
}

export interface StoredDashboard {
  readonly folderUid: string;
  readonly version: number;
  readonly model: Readonly<Record<string, unknown>>;
}

export interface FakeGrafanaSettings {
  /** Token → role of its service account. */
  readonly tokens: Readonly<Record<string, Role>>;
  /** Uids of data sources. */
  readonly dataSources: readonly string[];
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const uid = z.string().regex(/^[a-zA-Z0-9_-]{1,40}$/);
const folderBody = z.strictObject({ uid: uid.optional(), title: z.string().trim().min(1) });
const saveBody = z.strictObject({
  dashboard: z.looseObject({
    id: z.int().nullish(),
    uid: uid.nullish(),
    title: z.string().trim().min(1),
    version: z.int().optional(),
    schemaVersion: z.int(),
  }),
  folderUid: z.string().optional(),
  overwrite: z.boolean().optional(),
  message: z.string().optional(),
});
const rule = z.strictObject({
  uid,
  title: z.string().min(1).max(190),
  condition: z.string(),
  data: z
    .array(
      z.strictObject({
        refId: z.string().min(1),
        datasourceUid: z.string().min(1),
        relativeTimeRange: z.strictObject({ from: z.int().min(0), to: z.int().min(0) }),
        model: z.looseObject({ refId: z.string().min(1) }),
      }),
    )
    .min(1),
  noDataState: z.enum(['Alerting', 'NoData', 'OK', 'KeepLast']),
  execErrState: z.enum(['Alerting', 'Error', 'OK', 'KeepLast']),
  for: z.string().regex(/^\d+[smhdw]$/),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  orgID: z.literal(1),
  folderUID: z.string(),
  ruleGroup: z.string(),
});
const ruleGroup = z.strictObject({
  title: z.string().min(1),
  folderUid: z.string(),
  // Rules are evaluated at multiples of 10 seconds.
  interval: z.int().positive().multipleOf(10),
  rules: z.array(rule).min(1),
});

export type RuleGroup = z.output<typeof ruleGroup>;

const answer = (status: number, message: string, more: object = {}): Reply => ({ status, body: { message, ...more } });
const ok = (body: unknown): Reply => ({ status: 200, body });

export async function startFakeGrafana({ tokens, dataSources }: FakeGrafanaSettings): Promise<FakeGrafana> {
  const fake = {
    folders: new Map<string, string>(),
    dashboards: new Map<string, StoredDashboard>(),
    ruleGroups: new Map<string, RuleGroup>(),
    locked: new Map<string, 'plugin' | 'file'>(),
    requests: [] as string[],
  };

  const saveFolder = (body: unknown): Reply => {
    const { data } = folderBody.safeParse(body);
    if (data === undefined) return answer(400, 'bad request data');
    const taken = fake.folders.has(data.uid ?? '') || [...fake.folders.values()].includes(data.title);
    if (taken) return answer(409, 'a folder with the same name already exists in the current location');
    const made = data.uid ?? `made-${fake.folders.size}`;
    fake.folders.set(made, data.title);
    return ok({ id: fake.folders.size, uid: made, title: data.title, url: `/dashboards/f/${made}` });
  };

  const saveDashboard = (body: unknown): Reply => {
    const { data } = saveBody.safeParse(body);
    if (data === undefined) return answer(400, 'bad request data');
    const { dashboard, folderUid = '', overwrite = false } = data;
    const id = dashboard.uid ?? `made-${fake.dashboards.size}`;
    if (typeof dashboard.id === 'number') return answer(404, 'Dashboard not found', { status: 'not-found' });
    if (folderUid !== '' && !fake.folders.has(folderUid))
      return answer(400, 'folder not found', { status: 'not-found' });
    if (fake.locked.get(id) === 'file') return answer(400, 'Cannot save provisioned dashboard');
    if (fake.locked.get(id) === 'plugin') {
      return answer(412, 'The dashboard belongs to plugin Prometheus.', { status: 'plugin-dashboard' });
    }
    const before = fake.dashboards.get(id);
    if (before !== undefined && !overwrite && before.version !== dashboard.version) {
      return answer(412, 'The dashboard has been changed by someone else', { status: 'version-mismatch' });
    }
    const version = (before?.version ?? 0) + 1;
    fake.dashboards.set(id, { folderUid, version, model: dashboard });
    return ok({ id: 1, uid: id, url: `/d/${id}/slug`, status: 'success', version, slug: 'slug' });
  };

  const saveRuleGroup = (folder: string, group: string, body: unknown): Reply => {
    if (!fake.folders.has(folder)) return answer(404, 'folder does not exist');
    const { data, error } = ruleGroup.safeParse(body);
    if (error !== undefined) return answer(400, `invalid alert rule: ${error.issues[0]?.message ?? ''}`);
    if (new Set(data.rules.map(({ title }) => title)).size < data.rules.length) {
      return answer(
        409,
        'a conflicting alert rule is found: rule title under the same organisation and folder should be unique',
      );
    }
    for (const { condition, data: steps, folderUID, ruleGroup: name, title } of data.rules) {
      if (!steps.some(({ refId }) => refId === condition)) return answer(400, `condition ${condition} does not exist`);
      if (folderUID !== folder || name !== group) return answer(400, `rule "${title}" is of another group`);
      const unknown = steps.find(
        (step) => step.datasourceUid !== '__expr__' && !dataSources.includes(step.datasourceUid),
      );
      if (unknown !== undefined) return answer(400, `data source ${unknown.datasourceUid} not found`);
    }
    fake.ruleGroups.set(`${folder}/${group}`, data);
    return ok(data);
  };

  const route = (method: string, path: string, body: unknown, role: Role): Reply => {
    const mayWrite = role !== 'Viewer';
    const forbidden = answer(403, "You'll need additional permissions to perform this action.");
    if (method === 'GET' && path.startsWith('/api/folders')) {
      return ok([...fake.folders].map(([folderUid, title], index) => ({ id: index + 1, uid: folderUid, title })));
    }
    if (method === 'POST' && path === '/api/folders') return mayWrite ? saveFolder(body) : forbidden;
    if (method === 'POST' && path === '/api/dashboards/db') return mayWrite ? saveDashboard(body) : forbidden;
    const [, folder, group] = /^\/api\/v1\/provisioning\/folder\/([^/]+)\/rule-groups\/([^/]+)$/.exec(path) ?? [];
    if (method === 'PUT' && folder !== undefined && group !== undefined) {
      return role === 'Admin' ? saveRuleGroup(decodeURIComponent(folder), decodeURIComponent(group), body) : forbidden;
    }
    return answer(404, 'Not found');
  };

  const reply = async (request: IncomingMessage): Promise<Reply> => {
    const { method = 'GET', url = '/', headers } = request;
    const sent = await text(request);
    fake.requests.push(`${method} ${url}`);
    if (method === 'GET' && url === '/api/health') return ok({ database: 'ok', version: '11.6.0', commit: 'abc' });
    const role = tokens[/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''];
    if (role === undefined)
      return answer(401, headers.authorization === undefined ? 'Unauthorized' : 'Invalid API key');
    if (sent !== '' && headers['content-type'] !== 'application/json') return answer(415, 'Unsupported Media Type');
    return route(method, url, parsed(sent), role);
  };

  const server = createServer((request, response) => {
    void reply(request).then((sent) => {
      send(response, sent);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...fake,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
