/** How long the CPUs of the host were not idle, by /proc/uptime. */
import { cpus } from 'node:os';

import type { ProcFiles } from './proc-files.ts';

export class BusyTime {
  readonly #path: string;
  readonly #files: ProcFiles;
  readonly #cores = cpus().length;
  #before: { readonly up: number; readonly idle: number } | undefined;

  constructor(proc: string, files: ProcFiles) {
    this.#path = `${proc}/uptime`;
    this.#files = files;
  }

  /** Since the call before, over all cores, ms; waiting for storage included. Infinity if it is not known. */
  next(): number {
    const [up, idle] = (this.#files.read(this.#path) ?? '').split(' ').map((seconds) => Number(seconds) * 1000);
    const before = this.#before;
    this.#before = up === undefined || idle === undefined ? undefined : { up, idle };
    const busy =
      before && this.#before ? (this.#before.up - before.up) * this.#cores - (this.#before.idle - before.idle) : NaN;
    return Number.isFinite(busy) ? busy : Infinity;
  }
}
