/**
 * Compares ways to do the same work. Rounds are interleaved in one process, because the speed of a shared machine drifts
 * over seconds: a drift then meets every contestant alike, and the ratios stay true where the absolute figures do not.
 */

/**
 * @param {Record<string, () => unknown>} contestants name → one run of the whole work
 * @param {{ rounds?: number, units: number, unit: string }} options `units` of work in one run, for the printed rate
 * @returns {Record<string, number>} name → median milliseconds of one run
 */
export function compare(contestants, options) {
  return compareBoth(contestants, options).wall;
}

/** The same, with processor time of all threads too: on a machine that others use, wall time says little. */
export function compareBoth(contestants, { rounds = 9, units, unit }) {
  const names = Object.keys(contestants);
  const times = Object.fromEntries(names.map((name) => [name, /** @type {number[]} */ ([])]));
  const cpuTimes = Object.fromEntries(names.map((name) => [name, /** @type {number[]} */ ([])]));
  // The first two rounds warm up the compiler and are not counted.
  for (let round = -2; round < rounds; round += 1) {
    for (const name of names) {
      globalThis.gc?.();
      const [start, before] = [performance.now(), process.cpuUsage()];
      contestants[name]();
      const [took, cpu] = [performance.now() - start, cpuSince(before)];
      if (round < 0) continue;
      times[name].push(took);
      cpuTimes[name].push(cpu);
    }
  }
  const mediansOf = (all) => Object.fromEntries(names.map((name) => [name, median(all[name])]));
  const [medians, cpu] = [mediansOf(times), mediansOf(cpuTimes)];
  for (const name of names) {
    const rate = units / medians[name] / 1000;
    console.log(
      `  ${name.padEnd(36)} ${medians[name].toFixed(1).padStart(8)} ms  ${rate.toFixed(3).padStart(8)} M ${unit}/s  ` +
        `(processor ${cpu[name].toFixed(1)} ms)`,
    );
  }
  return { wall: medians, cpu };
}

/** ms. @param {NodeJS.CpuUsage} before */
export function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Prints a ratio beside what is claimed of it, and makes the process fail if the claim does not hold.
 *
 * @param {string} what
 * @param {number} ratio
 * @param {number} floor
 */
export function claim(what, ratio, floor) {
  const holds = ratio >= floor;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}: ${ratio.toFixed(1)} times as fast, at least ${floor} claimed`);
  if (!holds) process.exitCode = 1;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
