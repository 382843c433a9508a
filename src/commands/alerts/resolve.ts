/** `healthd alerts resolve`: ends an alert by hand, and sends its resolved notifications. */
import { oneLine, type AlertView } from '../../plugin/index.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';

import { authorOf } from './author.ts';

export interface ResolveInput extends ConfigOptions {
  /** Fingerprint of an alert, or a prefix. */
  readonly id: string;
  readonly comment?: string;
  readonly by?: string;
}

export function resolve({ id, comment = '', by, ...options }: ResolveInput, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client, print }) => {
    const path = `/api/v1/alerts/${encodeURIComponent(id)}/resolve`;
    const { fingerprint, summary } = (await client.post(path, { by: authorOf(by), comment })) as AlertView;
    print([`Resolved ${fingerprint}: ${oneLine(summary)}`]);
    return EXIT.ok;
  });
}
