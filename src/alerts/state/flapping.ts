/** Alerts that come and go: told once, then again when they have calmed down. Pure. Times are ms since the Unix epoch. */

export interface FlapSettings {
  /** So many changes within `within` are flapping; 0 switches it off. Default 5. */
  readonly changes: number;
  /** ms. Default 1 h. */
  readonly within: number;
  /** Without a change for so long, it is over. ms, default 30 min. */
  readonly quiet: number;
}

export const FLAP_DEFAULTS: FlapSettings = { changes: 5, within: 3_600_000, quiet: 1_800_000 };

/** Firing and ending are whole changes; another level of what fires is half a one. */
export type ChangeWeight = 1 | 0.5;

export interface FlapState {
  readonly isFlapping: boolean;
  /** Times and weights of the changes that still count, oldest first. */
  readonly changes: readonly (readonly [at: number, weight: number])[];
}

export const CALM: FlapState = Object.freeze({ isFlapping: false, changes: Object.freeze([]) });

export function onChange(state: FlapState, weight: ChangeWeight, at: number, settings: FlapSettings): FlapState {
  if (settings.changes === 0) return CALM;
  const recent = state.changes.filter(([time]) => at - time < settings.within);
  const changes = [...recent, [at, weight] as const].slice(-4 * settings.changes);
  return { isFlapping: state.isFlapping || score(changes) >= settings.changes, changes };
}

/** Time has passed: what is too old is forgotten, and it may have calmed down. */
export function onQuiet(state: FlapState, now: number, { changes, within, quiet }: FlapSettings): FlapState {
  const last = state.changes.at(-1)?.[0];
  if (last === undefined) return CALM;
  const isOver = changes === 0 || now - last >= (state.isFlapping ? quiet : within);
  return isOver ? CALM : state;
}

/** The clock was set. */
export function shifted({ isFlapping, changes }: FlapState, ms: number): FlapState {
  return { isFlapping, changes: changes.map(([at, weight]) => [at + ms, weight] as const) };
}

/** Levels alone are no flapping: their changes never count for more than the whole ones. */
function score(changes: FlapState['changes']): number {
  const whole = changes.filter(([, weight]) => weight === 1).length;
  return whole + Math.min(whole, (changes.length - whole) / 2);
}
