import { readdirSync } from 'node:fs';

import type { Host } from '../../plugin/index.ts';

/** Maximum sessions that are read in one gather. */
const MOST = 10_000;

/**
 * Counts the sessions of systemd-logind, for systems without utmp. Source: `/run/systemd/sessions`, as in sd-login(3). Only sessions of people: no greeters, cron jobs or service managers, and none that is closing.
 *
 * @throws a system error if there is no such folder
 */
export function countSessions(host: Host) {
  const folder = `${host.run}/systemd/sessions`;
  // Beside a session is a FIFO, `1.ref`, which must not be opened.
  const ids = readdirSync(folder).filter((name) => /^[a-z]?\d+$/.test(name));
  const names: string[] = [];
  for (const id of ids.slice(0, MOST)) {
    const session = parseSession(host.readOptional(`${folder}/${id}`));
    if (/^user(?:-|$)/.test(session.get('CLASS') ?? '') && session.get('STATE') !== 'closing') {
      names.push(session.get('USER') ?? session.get('UID') ?? '');
    }
  }
  return { n_users: names.length, n_unique_users: new Set(names).size };
}

/** Lines of `KEY=value`. */
function parseSession(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
}
