/** Each destination: outputs by a real write of one line, mail servers by a login. */
import { hostname } from 'node:os';

import { pluginContext, type OpenContext } from '../../host/context.ts';
import { createInstance } from '../../host/create-instance.ts';
import type { NotifierEntry } from '../../alerts/entry.ts';
import { nanoseconds, systemClock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { OutputEntry } from '../../deliver/entry.ts';
import { LineBatch } from '../../metric/batch.ts';

import { fine, problem, type Check, type DoctorFinding, type Patient } from './finding.ts';

/** They print, drop, wait to be asked, or only the running agent can use them: there is nothing to try. */
const WITHOUT_DESTINATION: ReadonlySet<string> = new Set(['console', 'discard', 'hub', 'prometheus']);

/** Measurement of the line that is written. */
export const TEST_MEASUREMENT = 'healthd_doctor';

const TIMEOUT_MS = 15_000;

export const checkDestinations: Check = async (patient) => {
  const { config, environment } = patient;
  if (config === undefined) return [];
  const context = pluginContext({ hostname: config.agent.hostname, environment });
  try {
    const outputs = config.outputs.filter(({ plugin }) => !WITHOUT_DESTINATION.has(plugin.name));
    return await Promise.all([
      ...outputs.map((entry) => tryOutput(entry, context, patient)),
      ...config.notifiers.map((entry) => tryNotifier(entry, context, patient)),
    ]);
  } finally {
    context.host.close();
  }
};

async function tryOutput(entry: OutputEntry, context: OpenContext, { program, now }: Patient): Promise<DoctorFinding> {
  const signal = systemClock.signal(TIMEOUT_MS);
  try {
    const output = await createInstance(entry, context);
    try {
      await output.connect?.(signal);
      const line = `${TEST_MEASUREMENT},host=${hostname().replace(/[ ,=\\]/g, '_')} ok=true ${nanoseconds(now)}\n`;
      await output.write(new LineBatch(Buffer.from(line), 1), signal);
    } finally {
      await output.stop?.();
    }
    return fine(`Output ${entry.alias}: took a line of ${TEST_MEASUREMENT}`);
  } catch (error) {
    const text = `Output ${entry.alias}: ${describeError(error)}`;
    return problem(text, `correct the entry, then: ${program} check --connect`);
  }
}

async function tryNotifier(entry: NotifierEntry, context: OpenContext, { program }: Patient): Promise<DoctorFinding> {
  const test = `${program} notify test ${entry.alias}`;
  try {
    const notifier = await createInstance(entry, context);
    try {
      if (notifier.connect === undefined)
        return fine(`Notifier ${entry.alias}: not tried; send an example with: ${test}`);
      await notifier.connect(systemClock.signal(TIMEOUT_MS));
    } finally {
      await notifier.stop?.();
    }
    return fine(`Notifier ${entry.alias}: the login works`);
  } catch (error) {
    return problem(`Notifier ${entry.alias}: ${describeError(error)}`, `correct the entry, then: ${test}`);
  }
}
