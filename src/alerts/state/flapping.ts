/** Flap detection. Pure. Times are ms since the Unix epoch. */

export interface FlapSettings {
  /** Number of changes within `within` that count as flapping; 0 disables it. Default 5. */
  readonly changes: number;
  /** ms. Default 1 h. */
  readonly within: number;
  /** Time without a change that ends flapping. ms, default 30 min. */
  readonly quiet: number;
}

export const FLAP_DEFAULTS: FlapSettings = { changes: 5, within: 3_600_000, quiet: 1_800_000 };

/** Firing and resolving count 1, a change of level 0.5. */
export type ChangeWeight = 1 | 0.5;

export interface FlapState {
  readonly isFlapping: boolean;
  /** Times and weights of the changes within `within`, oldest first. */
  readonly changes: readonly (readonly [at: number, weight: number])[];
}

export const CALM: FlapState = Object.freeze({ isFlapping: false, changes: Object.freeze([]) });

export function onChange(state: FlapState, weight: ChangeWeight, at: number, settings: FlapSettings): FlapState {
  if (settings.changes === 0) return CALM;
  const recent = state.changes.filter(([time]) => at - time < settings.within);
  const changes = [...recent, [at, weight] as const].slice(-4 * settings.changes);
  return { isFlapping: state.isFlapping || score(changes) >= settings.changes, changes };
}

/** Ends flapping after a quiet period. */
export function onQuiet(state: FlapState, now: number, { changes, within, quiet }: FlapSettings): FlapState {
  const last = state.changes.at(-1)?.[0];
  if (last === undefined) return CALM;
  const isOver = changes === 0 || now - last >= (state.isFlapping ? quiet : within);
  return isOver ? CALM : state;
}

/** Shifts all times after the clock was set. */
export function shifted({ isFlapping, changes }: FlapState, ms: number): FlapState {
  return { isFlapping, changes: changes.map(([at, weight]) => [at + ms, weight] as const) };
}

/** Changes of level alone are not flapping: together they never count more than the changes of weight 1. */
function score(changes: FlapState['changes']): number {
  const whole = changes.filter(([, weight]) => weight === 1).length;
  return whole + Math.min(whole, (changes.length - whole) / 2);
}
