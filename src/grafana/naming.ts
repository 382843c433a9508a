/** Stable uids: a dashboard keeps its address, and an import replaces the previous version. */
import { createHash } from 'node:crypto';

import type { Source } from './writers/writer.ts';

/** Maximum length of a uid in Grafana. */
const MAX_UID = 40;

export function dashboardUid(name: string, source: Source): string {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const uid = `healthd-${slug}-${source}`;
  if (uid.length <= MAX_UID) return uid;
  const digest = digestOf(name);
  return `${`healthd-${slug}`.slice(0, MAX_UID - source.length - digest.length - 2)}-${digest}-${source}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** Uid of the data source that the provisioning files create. */
export function dataSourceUid(source: Source): string {
  return `healthd-${source}`;
}

export const FOLDER = { uid: 'healthd', title: 'healthd' } as const;

export function folderUid(title: string): string {
  return title === FOLDER.title ? FOLDER.uid : `healthd-${digestOf(title)}`;
}
