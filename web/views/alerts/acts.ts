/** What a reader does about an alert. A press acts; opening an address never does. */
import type { AckBody, ListedAlertInfo, SilenceBody } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { since } from '../../format/time.ts';
import { say } from '../../parts/say.ts';
import { agentTime } from '../../store/clock.ts';
import { readerName } from '../../store/reader.ts';

type Alert = ListedAlertInfo['alert'];

/** @throws ApiError */
export async function acknowledge({ fingerprint, summary }: Alert, by: string, comment: string): Promise<void> {
  await post('acks', { fingerprint, by, comment } satisfies AckBody);
  say(`Acknowledged: ${summary}`, () => void withdraw(fingerprint));
}

export async function withdraw(fingerprint: string): Promise<void> {
  await tried(() => post(`acks/${encodeURIComponent(fingerprint)}/withdraw`, { by: readerName() }));
}

/** @throws ApiError */
export async function silence(body: SilenceBody): Promise<void> {
  const answer = await post<{ readonly id?: string } | undefined>('silences', body);
  const id = answer?.id;
  say(
    `Silenced until ${since(body.until, agentTime())}.`,
    id === undefined
      ? undefined
      : () => void tried(() => post(`silences/${encodeURIComponent(id)}/expire`, { by: body.by })),
  );
}

export async function endSilence(id: string): Promise<void> {
  await tried(() => post(`silences/${encodeURIComponent(id)}/expire`, { by: readerName() }));
}

async function tried(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}
