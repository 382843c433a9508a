/** Asks on a terminal for what `healthd init` was not told by options. */
import { createInterface, type Interface } from 'node:readline/promises';

import type { Terminal } from './command.ts';
import type { InitAnswers } from './first-config.ts';

/** At most three questions; Enter answers each with the default. */
export async function askForAnswers(given: InitAnswers, { stdout }: Terminal): Promise<InitAnswers> {
  const lines = createInterface({ input: process.stdin, output: stdout });
  try {
    const sendTo = given.sendTo ?? (await ask(lines, 'Send metrics to which InfluxDB or VictoriaMetrics? URL', 'none'));
    const notify =
      given.notify ?? (await ask(lines, 'Notify whom about alerts? Mail address, or URL of a webhook', 'nobody'));
    const isMail = notify.includes('@') && !notify.includes('://');
    const mailServer =
      given.mailServer ?? (isMail ? await ask(lines, 'By which mail server? URL', 'smtp://localhost:25') : '');
    return { sendTo, notify, mailServer };
  } finally {
    lines.close();
  }
}

/** @returns empty for the default */
async function ask(lines: Interface, question: string, fallback: string): Promise<string> {
  return (await lines.question(`${question} [${fallback}]: `)).trim();
}
