/** `healthd reload`: the daemon reads its configuration again; the answer is what has changed, or what is wrong. */
import type { ReloadAnswer } from '../api/control.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { withDaemon } from './daemon.ts';
import { print } from './print.ts';

/** @throws ConfigError if no daemon is running */
export function reload(options: ConfigOptions, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client }) => {
    const answer = (await client.post('/api/v1/reload', {})) as ReloadAnswer;
    print(terminal.stdout, reloadText(answer));
    if (answer.warning !== undefined) print(terminal.stderr, answer.warning);
    return EXIT.ok;
  });
}

function reloadText({ files, changed, started, stopped }: ReloadAnswer): string {
  const read = files.length === 0 ? 'Reloaded the built-in default' : `Reloaded ${files.join(', ')}`;
  const changes = [
    ['changed', changed],
    ['started', started],
    ['stopped', stopped],
  ] as const;
  const some = changes.filter(([, names]) => names.length > 0);
  return `${read}: ${some.length === 0 ? 'nothing has changed' : some.map(([what, names]) => `${what} ${names.join(', ')}`).join('; ')}`;
}
