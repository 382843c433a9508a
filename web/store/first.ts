/** What the agent wrote into the page, so that sentences stand before anything was asked for. */
import type { FirstData } from '../api/answers.ts';
import { askAbout } from '../api/client.ts';

import { setClock } from './clock.ts';
import { elsewhere, findings, host, isHub, session } from './live.ts';

export function takeFirst(): void {
  const text = document.getElementById('first')?.textContent ?? '';
  const first = text.trim() === '' ? null : (JSON.parse(text) as FirstData | null);
  if (first === null) return;
  setClock(first.now);
  session.value = first.session;
  host.value = first.host;
  isHub.value = first.isHub ?? false;
  elsewhere.value = first.elsewhere;
  askAbout(first.elsewhere?.id);
  findings.value = first.findings;
}
