/** Scales of percentages. */
export const PERCENT = { min: 0, max: 100 } as const;

/** With the limits at which usage becomes a warning and critical. */
export const USAGE = { ...PERCENT, limits: [80, 90] } as const;
