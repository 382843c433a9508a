/** Where a problem leads. */
import type { Finding } from '../../api/answers.ts';
import { pathOf } from '../../url/route.ts';
import type { Changes } from '../../url/location.ts';

/** Where the reader sees more of a problem: its alert, or the chart that shows it. */
export function subjectOf({ alert, series }: Finding): { readonly path: string; readonly keys: Changes } {
  if (alert !== undefined) return { path: alertPath(alert.fingerprint), keys: {} };
  return { path: pathOf({ isOfHost: true, path: 'time' }), keys: series === undefined ? {} : { s: series } };
}

function alertPath(fingerprint: string): string {
  return `/alerts/${encodeURIComponent(fingerprint)}`;
}

export function silencePath(fingerprint: string): { readonly to: string; readonly keys: Changes } {
  return { to: alertPath(fingerprint), keys: { do: 'silence', for: '1h' } };
}
