/** `healthd ack`: acknowledges an alert, which stops repeats and escalation. */
import type { ListedAlert } from '../../alerts/control.ts';
import { systemClock } from '../../core/clock.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';
import { parseDurationOption } from '../time.ts';

import { authorOf } from './author.ts';
import { listLines } from './list-text.ts';

export interface AckInput extends ConfigOptions {
  /** Fingerprint of an alert, or a prefix. */
  readonly id: string;
  readonly comment?: string;
  readonly by?: string;
  readonly for?: string;
  readonly withdraw?: boolean;
}

export function ack({ id: fingerprint, ...options }: AckInput, terminal: Terminal): Promise<ExitCode> {
  const by = authorOf(options.by);
  const now = systemClock.now();
  const end = options.for === undefined ? {} : { until: now + parseDurationOption('--for', options.for) };
  return withDaemon(options, terminal, async ({ client, print }) => {
    const listed =
      options.withdraw === true
        ? await client.post(`/api/v1/acks/${encodeURIComponent(fingerprint)}/withdraw`, { by })
        : await client.post('/api/v1/acks', { fingerprint, by, comment: options.comment ?? '', ...end });
    print(listLines([listed as ListedAlert], now));
    return EXIT.ok;
  });
}
