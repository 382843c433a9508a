/** The compiled section `alerts`. Times are milliseconds. */
import type { HeartbeatSettings } from './heartbeat.ts';
import type { KnownFields } from './rules/fields.ts';
import { compileRules } from './rules/compile.ts';
import type { Rule } from './rules/rule.ts';
import { ANY_MATCH, matchableOf, matchProblems } from './audience/check-matches.ts';
import { zoneProblem } from './audience/compile-windows.ts';
import { compileRouting } from './audience/compile-routing.ts';
import type { ReceiverSettings, Routing } from './audience/routing.ts';
import type { Display } from './notify/compose.ts';
import type { AlertsConfig } from './schema.ts';
import type { FlapSettings } from './state/flapping.ts';

export type { KnownFields };

export interface AlertSettings {
  readonly rules: readonly Rule[];
  readonly routing: Routing;
  /** Time after the start during which missing data does not fire. */
  readonly startupGrace: number;
  readonly flapping: FlapSettings;
  /** Retention of the history. */
  readonly retention: number;
  readonly log: {
    /** Undefined: alerts.log in the state directory. */
    readonly path: string | undefined;
    /** Bytes. */
    readonly maxSize: number;
    readonly keep: number;
    readonly gzip: boolean;
  };
  readonly heartbeat?: HeartbeatSettings | undefined;
  readonly display: Display;
}

export interface SettingsProblem {
  /** Relative to `alerts`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string | undefined;
}

/** The settings are usable only if there are no problems. */
export async function compileAlerts(
  config: AlertsConfig,
  receivers: readonly ReceiverSettings[],
  known: KnownFields,
): Promise<{ readonly settings: AlertSettings; readonly problems: readonly SettingsProblem[] }> {
  const { rules, problems } = await compileRules({ ...config, thresholds: config.thresholds, known });
  const { routing, problems: routingProblems } = compileRouting(config, receivers, known.nearest);
  const written = config.rules.flatMap(({ id }) => id ?? []);
  const matchable = known.isHub === true ? ANY_MATCH : matchableOf(rules, written);
  const { startup_grace, flapping, history, log, heartbeat, public_url, timezone } = config;
  const zone = zoneOf(timezone, known.nearest);
  return {
    settings: {
      rules,
      routing,
      startupGrace: startup_grace,
      flapping,
      retention: history,
      log: { path: log.path, maxSize: log.max_size, keep: log.keep, gzip: log.gzip },
      heartbeat,
      display: { publicUrl: public_url?.replace(/\/+$/, ''), timeZone: zone.timeZone },
    },
    problems: [...problems, ...routingProblems, ...zone.problems, ...matchProblems(config, matchable, known.nearest)],
  };
}

/** Without an option the zone of the system (TZ). */
function zoneOf(given: string | undefined, nearest: KnownFields['nearest']) {
  const timeZone = given ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const problem = given === undefined ? undefined : zoneProblem(given, nearest);
  return { timeZone, problems: problem === undefined ? [] : [{ path: ['timezone'], ...problem }] };
}
