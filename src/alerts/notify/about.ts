/** Which alerts an entry of the audit log about a message concerns, so that the history of each of them finds it. */
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { Notification } from '../../plugin/notification.ts';

import type { Attempt } from './attempt-record.ts';

interface About {
  readonly alerts: Pick<AuditEntry, 'fingerprint' | 'also' | 'rule' | 'host'>;
  /** What is said of each of them, in the same order. */
  readonly kinds: { readonly kinds?: readonly string[] };
}

/** Alerts of one message that are named: a storm has thousands. */
const MOST = 500;

/** @param attempt undefined: only listed alerts are known */
export function aboutOf({ alerts }: Notification, attempt: Attempt | undefined): About {
  const [first] = alerts;
  const words = attempt === undefined ? [] : [...attempt.listed, ...attempt.counted].slice(0, MOST);
  const all =
    attempt === undefined ? alerts.map(({ fingerprint }) => fingerprint) : words.map((word) => word.fingerprint);
  const [fingerprint, ...also] = all.slice(0, MOST);
  const isOfOne = (key: 'rule' | 'host') => first !== undefined && alerts.every((alert) => alert[key] === first[key]);
  return {
    alerts: {
      ...(fingerprint !== undefined && { fingerprint }),
      ...(also.length > 0 && { also }),
      ...(first !== undefined && isOfOne('rule') && { rule: first.rule }),
      ...(first !== undefined && isOfOne('host') && { host: first.host }),
    },
    kinds: words.length === 0 ? {} : { kinds: words.map(({ kind }) => kind) },
  };
}
