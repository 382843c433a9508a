/** `compare` for work that waits: for the disk, or for another process. */
import { median } from './compare.mjs';

/** They warm up the compiler and are not counted. */
export const WARM_UP_ROUNDS = 2;

/**
 * Rounds are interleaved in one process, and each second one goes the other way round: what one contestant leaves to the
 * disk to do then meets all of them alike.
 *
 * @param {Record<string, () => Promise<number>>} contestants name → one run of the whole work; resolves to the milliseconds
 *   it took, so that what has to be made ready before and cleared away after is not counted
 * @param {{ rounds?: number, units: number, unit: string }} options `units` of work in one run, for the printed rate
 * @returns {Promise<Record<string, number>>} name → median milliseconds of one run
 */
export async function compareAsync(contestants, { rounds = 9, units, unit }) {
  const names = Object.keys(contestants);
  const times = Object.fromEntries(names.map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      globalThis.gc?.();
      const took = await contestants[name]();
      if (round >= 0) times[name].push(took);
    }
  }
  for (const name of names) {
    const middle = median(times[name]);
    const spread = `${Math.min(...times[name]).toFixed(1)} to ${Math.max(...times[name]).toFixed(1)}`;
    console.log(
      `  ${name.padEnd(44)} ${middle.toFixed(1).padStart(8)} ms (${spread})  ${rate(units, middle)} ${unit}/s`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])]));
}

/** Resolves to the milliseconds that `work` took. */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** @param {readonly number[]} values @param {number} share 0.99 for the value that 99 of a hundred do not exceed */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

/** Prints a figure beside what is claimed of it, and makes the process fail if the claim does not hold. */
export function claimAtMost(what, value, ceiling, unit = '') {
  const holds = value <= ceiling;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}: ${value.toFixed(2)}${unit}, at most ${ceiling}${unit} claimed`);
  if (!holds) process.exitCode = 1;
}

function rate(units, ms) {
  return Math.round((1000 * units) / ms)
    .toLocaleString('en')
    .padStart(11);
}
