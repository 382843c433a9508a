/** What of the engine can be configured. Times are ms. */
import { FLAP_DEFAULTS, type FlapSettings } from '../state/flapping.ts';

export interface EngineSettings {
  readonly flapping?: FlapSettings;
  /** So long after the start nothing is missed yet. */
  readonly startupGrace?: number;
  /** What samples older than this change goes into the history only. */
  readonly lateAfter?: number;
  readonly maxSeriesPerRule?: number;
}

export type CompleteSettings = Required<EngineSettings>;

const DEFAULTS: CompleteSettings = {
  flapping: FLAP_DEFAULTS,
  startupGrace: 60_000,
  lateAfter: 300_000,
  maxSeriesPerRule: 1000,
};

export function withDefaults({
  flapping,
  startupGrace,
  lateAfter,
  maxSeriesPerRule,
}: EngineSettings): CompleteSettings {
  return {
    flapping: flapping ?? DEFAULTS.flapping,
    startupGrace: startupGrace ?? DEFAULTS.startupGrace,
    lateAfter: lateAfter ?? DEFAULTS.lateAfter,
    maxSeriesPerRule: maxSeriesPerRule ?? DEFAULTS.maxSeriesPerRule,
  };
}
