/** Asks on a terminal for what `healthd init` was not told by options. */
import { createInterface, type Interface } from 'node:readline/promises';

import { ConfigError } from '../core/errors.ts';

import type { Terminal } from './command.ts';
import type { Discovery } from './discovery.ts';
import { firstConfig, type InitAnswers } from './first-config.ts';
import { print } from './print.ts';

/** At most three questions; Enter answers each with the default. One that cannot be used is asked again. */
export async function askForAnswers(given: InitAnswers, { stdout }: Terminal): Promise<InitAnswers> {
  const lines = createInterface({ input: process.stdin, output: stdout });
  const asking = async (question: string, fallback: string, answers: (text: string) => InitAnswers) => {
    for (;;) {
      const text = await ask(lines, question, fallback);
      const fault = faultIn(answers(text));
      if (fault === undefined) return text;
      print(stdout, fault);
    }
  };
  try {
    const sendTo =
      given.sendTo ??
      (await asking('Send metrics to which InfluxDB or VictoriaMetrics? URL', 'none', (text) => ({ sendTo: text })));
    const notify =
      given.notify ??
      (await asking('Notify whom about alerts? Mail address, or URL of a webhook', 'nobody', (text) => ({
        notify: text,
      })));
    const isMail = notify.includes('@') && !notify.includes('://');
    const mailServer =
      given.mailServer ??
      (isMail
        ? await asking('By which mail server? URL', 'smtp://localhost:25', (text) => ({ notify, mailServer: text }))
        : '');
    return { sendTo, notify, mailServer };
  } finally {
    lines.close();
  }
}

const NOTHING_FOUND: Discovery = { engine: undefined, hasSensors: false, hasSystemd: false, hasPressure: false };

function faultIn(answers: InitAnswers): string | undefined {
  try {
    firstConfig(answers, NOTHING_FOUND);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

/** @returns empty for the default */
async function ask(lines: Interface, question: string, fallback: string): Promise<string> {
  return (await lines.question(`${question} [${fallback}]: `)).trim();
}
