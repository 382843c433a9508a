/** The part of Grafana's HTTP API that `push` uses. */
import { systemClock } from '../../core/clock.ts';
import { jsonOf } from '../../core/json.ts';
import { createHttpClient } from '../../host/http-client.ts';
import type { Dashboard } from '../../grafana/dashboard-json.ts';
import type { HttpAnswer } from '../../plugin/index.ts';

const REQUEST_TIMEOUT_MS = 30_000;

export interface Folder {
  readonly uid: string;
  readonly title: string;
}

export interface GrafanaApi {
  /** @throws Error if the server is not Grafana */
  version(): Promise<string>;
  /** Finds the folder by title, or creates it. */
  folder(wanted: Folder): Promise<Folder>;
  /** Replaces the dashboard with the same uid. Resolves to its path. */
  saveDashboard(dashboard: Dashboard, folder: Folder): Promise<string>;
  /** Replaces the group and its rules. */
  saveRuleGroup(group: { readonly title: string }, folder: Folder): Promise<void>;
}

interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GrafanaAddress {
  readonly url: string;
  /** Undefined: the URL has credentials, or Grafana needs none. */
  readonly token: string | undefined;
  /** With HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function grafanaApi({ url, token, environment }: GrafanaAddress, stop: AbortSignal): GrafanaApi {
  const send = createHttpClient(environment);
  const base = url.replace(/\/+$/, '');

  const ask = async (failure: string, { method, path, body, headers }: ApiRequest): Promise<unknown> => {
    const request = {
      url: base + path,
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const answer = await send(request, AbortSignal.any([stop, systemClock.signal(REQUEST_TIMEOUT_MS)]));
    if (answer.status < 200 || answer.status >= 300) throw new Error(`${failure}: ${reason(answer)}`);
    return jsonOf(answer.body);
  };

  return {
    async version() {
      const health = await ask('No Grafana at this address', { method: 'GET', path: '/api/health' });
      if (!isRecord(health) || typeof health['database'] !== 'string') {
        throw new Error('The server at this address is not Grafana; use the URL of its pages, including any sub path');
      }
      return typeof health['version'] === 'string' ? health['version'] : '(unknown version)';
    },
    async folder(wanted) {
      const listed = await ask('Cannot list folders', { method: 'GET', path: '/api/folders?limit=1000' });
      const folders: readonly unknown[] = Array.isArray(listed) ? listed : [];
      const found = folders.filter(isFolder).find(({ title }) => title === wanted.title);
      if (found !== undefined) return { uid: found.uid, title: found.title };
      const request = { method: 'POST', path: '/api/folders', body: wanted };
      const created = await ask(`Cannot create the folder "${wanted.title}"`, request);
      return isFolder(created) ? { uid: created.uid, title: created.title } : wanted;
    },
    async saveDashboard(dashboard, folder) {
      const body = {
        dashboard: { ...dashboard, id: null },
        folderUid: folder.uid,
        overwrite: true,
        message: 'healthd',
      };
      const request = { method: 'POST', path: '/api/dashboards/db', body };
      const saved = await ask(`Grafana refused the dashboard "${dashboard.title}"`, request);
      return isRecord(saved) && typeof saved['url'] === 'string' ? saved['url'] : `/d/${dashboard.uid}`;
    },
    async saveRuleGroup(group, folder) {
      const [uid, title] = [folder.uid, group.title].map(encodeURIComponent);
      await ask('Grafana refused the alert rules', {
        method: 'PUT',
        path: `/api/v1/provisioning/folder/${uid ?? ''}/rule-groups/${title ?? ''}`,
        body: group,
        // Keeps the rules editable in Grafana.
        headers: { 'x-disable-provenance': 'true' },
      });
    },
  };
}

const HINTS: Readonly<Record<number, string>> = {
  401: 'the token is missing or invalid; create a service account token and set GRAFANA_TOKEN',
  403: 'the token lacks the permission; give its service account the role Editor, or Admin for alert rules',
  404: 'not found; use the URL of its pages, including any sub path',
};

function reason({ status, body, headers }: HttpAnswer): string {
  if (status >= 300 && status < 400) {
    return `it redirects to ${originOf(headers.get('location'))}; redirects are not followed, use the final URL`;
  }
  const answer = jsonOf(body);
  const message =
    isRecord(answer) && typeof answer['message'] === 'string' ? ` "${answer['message'].slice(0, 200)}"` : '';
  const hint = HINTS[status];
  return `status ${status}${message}${hint === undefined ? '' : `: ${hint}`}`;
}

function originOf(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? new URL(location).origin : 'another address';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFolder(value: unknown): value is Folder {
  return isRecord(value) && typeof value['uid'] === 'string' && typeof value['title'] === 'string';
}
