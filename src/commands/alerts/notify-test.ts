/** `healthd notify test`: sends a firing and a resolved notification, and prints the answers. Needs no daemon. */
import { randomBytes } from 'node:crypto';

import { pluginContext } from '../../host/context.ts';
import { createInstance } from '../../host/create-instance.ts';
import { testNotifications } from '../../alerts/test-notifications.ts';
import type { NotifierEntry } from '../../alerts/entry.ts';
import { systemClock } from '../../core/clock.ts';
import { ConfigError, describeError } from '../../core/errors.ts';
import { silentLog } from '../../core/logger.ts';
import type { Notifier } from '../../plugin/index.ts';
import { nearest } from '../../registry/nearest.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { readConfig } from '../read-config.ts';
import { print } from '../print.ts';

export interface NotifyTestInput extends ConfigOptions {
  /** Alias of a configured notifier. */
  readonly notifier: string;
}

export async function notifyTest(input: NotifyTestInput, terminal: Terminal): Promise<ExitCode> {
  const config = await readConfig(input, terminal);
  const entry = findNotifier(input.notifier, config.notifiers);
  const say = (text: string) => {
    print(terminal.stdout, config.secrets.redact(text));
  };
  const warn = (text: string) => {
    say(`⚠ ${text}`);
  };
  const context = pluginContext({
    hostname: config.agent.hostname,
    environment: terminal.environment,
    log: { ...silentLog, warn, error: warn },
  });
  try {
    const notifier = await createInstance(entry, context);
    const { timeZone } = config.alerts.display;
    const id = randomBytes(8).toString('hex');
    const sample = { receiver: input.notifier, host: context.host.hostname, now: systemClock.now(), id, timeZone };
    for (const notification of testNotifications(sample)) {
      say(
        `${notification.status}: ${await send(notifier, () => notifier.notify(notification, systemClock.signal(entry.timeout)))}`,
      );
    }
    await notifier.stop?.();
    return EXIT.ok;
  } catch (error) {
    say(`✗ ${describeError(error)}`);
    return EXIT.failed;
  } finally {
    context.host.close();
  }
}

async function send({ acceptedMeans }: Notifier, notify: () => Promise<void>): Promise<string> {
  const start = systemClock.elapsed();
  await notify();
  const took = Math.round(systemClock.elapsed() - start);
  return `accepted in ${took} ms${acceptedMeans === undefined ? '' : `; ${acceptedMeans}`}`;
}

/** @throws ConfigError if there is no such notifier */
function findNotifier(name: string, notifiers: readonly NotifierEntry[]): NotifierEntry {
  const found = notifiers.find(({ alias }) => alias === name);
  if (found !== undefined) return found;
  const names = notifiers.map(({ alias }) => alias);
  if (names.length === 0) throw new ConfigError('The configuration has no notifiers; add one under "notifiers"');
  const near = nearest(name, names);
  const hint = near === undefined ? `notifiers: ${names.join(', ')}` : `did you mean "${near}"?`;
  throw new ConfigError(`The configuration has no notifier "${name}"; ${hint}`);
}
