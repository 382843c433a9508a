/** Acknowledges the alert of a problem, with a way back. */
import type { Finding } from '../../api/answers.ts';
import { post } from '../../api/client.ts';
import { plainText } from '../../parts/names.tsx';
import { say } from '../../parts/say.ts';
import { readerName } from '../../store/reader.ts';

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
