/** What `push` asks of Grafana's HTTP API. */
import { systemClock } from '../../core/clock.ts';
import { createHttpClient } from '../../host/http-client.ts';
import type { Dashboard } from '../../grafana/dashboard-json.ts';
import type { HttpAnswer } from '../../plugin/index.ts';

const REQUEST_TIMEOUT_MS = 30_000;

export interface Folder {
  readonly uid: string;
  readonly title: string;
}

export interface GrafanaApi {
  /** @throws Error if what answers is no Grafana */
  version(): Promise<string>;
  /** The folder with this title, which is made if there is none. */
  folder(wanted: Folder): Promise<Folder>;
  /** Replaces the one with the same uid. Resolves with its path. */
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

/** @param token undefined: credentials are part of the address, or none are needed */
export function grafanaApi(url: string, token: string | undefined, stop: AbortSignal): GrafanaApi {
  const send = createHttpClient();
  const base = url.replace(/\/+$/, '');

  const ask = async (what: string, { method, path, body, headers }: ApiRequest): Promise<unknown> => {
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
    if (answer.status < 200 || answer.status >= 300) throw new Error(`${what}: ${reason(answer)}`);
    return parsed(answer.body);
  };

  return {
    async version() {
      const health = await ask('No Grafana answers there', { method: 'GET', path: '/api/health' });
      if (!isRecord(health) || typeof health['database'] !== 'string') {
        throw new Error('What answers there is no Grafana; give the address that its pages have, sub path included');
      }
      return typeof health['version'] === 'string' ? health['version'] : 'of an unknown version';
    },
    async folder(wanted) {
      const listed = await ask('Folders cannot be listed', { method: 'GET', path: '/api/folders?limit=1000' });
      const folders: readonly unknown[] = Array.isArray(listed) ? listed : [];
      const found = folders.filter(isFolder).find(({ title }) => title === wanted.title);
      if (found !== undefined) return { uid: found.uid, title: found.title };
      const request = { method: 'POST', path: '/api/folders', body: wanted };
      const made = await ask(`The folder "${wanted.title}" cannot be made`, request);
      return isFolder(made) ? { uid: made.uid, title: made.title } : wanted;
    },
    async saveDashboard(dashboard, folder) {
      const body = {
        dashboard: { ...dashboard, id: null },
        folderUid: folder.uid,
        overwrite: true,
        message: 'healthd',
      };
      const request = { method: 'POST', path: '/api/dashboards/db', body };
      const saved = await ask(`"${dashboard.title}" was refused`, request);
      return isRecord(saved) && typeof saved['url'] === 'string' ? saved['url'] : `/d/${dashboard.uid}`;
    },
    async saveRuleGroup(group, folder) {
      const [uid, title] = [folder.uid, group.title].map(encodeURIComponent);
      await ask('The alert rules were refused', {
        method: 'PUT',
        path: `/api/v1/provisioning/folder/${uid ?? ''}/rule-groups/${title ?? ''}`,
        body: group,
        // People can still edit the rules in Grafana.
        headers: { 'x-disable-provenance': 'true' },
      });
    },
  };
}

const ADVICE: Readonly<Record<number, string>> = {
  401: 'the token is missing or not valid; make one for a service account, and put it into GRAFANA_TOKEN',
  403: 'the token may not do this; give its service account the role Editor, or Admin for alert rules',
  404: 'there is nothing at this address; give the one that its pages have, sub path included',
};

function reason({ status, body, headers }: HttpAnswer): string {
  if (status >= 300 && status < 400) {
    return `it redirects to ${originOf(headers.get('location'))}, which is not followed; use the final address`;
  }
  const answer = parsed(body);
  const said = isRecord(answer) && typeof answer['message'] === 'string' ? ` "${answer['message'].slice(0, 200)}"` : '';
  const advice = ADVICE[status];
  return `Grafana answered ${status}${said}${advice === undefined ? '' : `: ${advice}`}`;
}

function originOf(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? new URL(location).origin : 'another address';
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFolder(value: unknown): value is Folder {
  return isRecord(value) && typeof value['uid'] === 'string' && typeof value['title'] === 'string';
}
