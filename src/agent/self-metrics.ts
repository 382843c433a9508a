import type { DeliverPart } from '../deliver/part.ts';
import type { GatherPart } from '../gather/part.ts';
import type { SelfMetric } from '../plugin/index.ts';

import type { StrayErrors } from './stray-errors.ts';

interface Counted {
  readonly gather: GatherPart;
  readonly deliver: DeliverPart;
  readonly strayErrors: StrayErrors;
  readonly windows: { status(): readonly SelfMetric[] };
  readonly inOrder: readonly { status(): readonly SelfMetric[] }[];
}

/** What the agent counts about itself, under the names that Telegraf's `internal` input made known, `version` as a tag. */
export function selfMetrics(
  { gather, deliver, strayErrors, windows, inOrder }: Counted,
  version: string,
): readonly SelfMetric[] {
  const agent = {
    name: 'internal_agent',
    tags: {},
    fields: {
      metrics_gathered: gather.counters.total('metrics_gathered'),
      metrics_written: deliver.counters.total('metrics_written'),
      metrics_dropped: deliver.counters.total('metrics_dropped'),
      metrics_rejected: deliver.counters.total('metrics_rejected'),
      gather_errors: gather.counters.total('gather_errors'),
      gather_timeouts: gather.counters.total('gather_timeouts'),
      write_errors: deliver.counters.total('write_errors'),
      unhandled_errors: strayErrors.count,
    },
  };
  const metrics = [...inOrder.flatMap((part) => part.status()), ...windows.status(), agent];
  return metrics.map((metric) => ({ ...metric, tags: { version, ...metric.tags } }));
}
