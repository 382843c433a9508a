/** What a reader does about a problem. */
import type { Finding } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { plainText } from '../../parts/names.tsx';
import { say } from '../../parts/say.ts';
import { readerName } from '../../store/reader.ts';
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

export async function acknowledge({ alert, sentence }: Finding): Promise<void> {
  if (alert === undefined) return;
  const { fingerprint } = alert;
  try {
    await post('acks', { fingerprint, by: readerName(), comment: '' });
    say(`Acknowledged: ${plainText(sentence)}`, () => void withdraw(fingerprint));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

async function withdraw(fingerprint: string): Promise<void> {
  try {
    await post(`acks/${encodeURIComponent(fingerprint)}/withdraw`, { by: readerName() });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}
