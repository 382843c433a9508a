/** File systems that become read-only, as the kernel makes them after an error. Format of mountinfo: proc(5). */
import type { HistoryEvent } from '../../access.ts';

const MOST = 5000;

export class RemountedMounts {
  /** By the id of the mount. */
  #before: ReadonlyMap<string, { readonly path: string; readonly isReadOnly: boolean }> | undefined;
  readonly #since = new Map<string, HistoryEvent>();

  /** What has changed since the reading before. @param text of mountinfo */
  update(text: string, at: number): readonly HistoryEvent[] {
    const [before, after] = [this.#before, parseMounts(text)];
    this.#before = after;
    const events: HistoryEvent[] = [];
    for (const [id, { path, isReadOnly }] of after) {
      const was = before?.get(id);
      if (was === undefined || was.isReadOnly === isReadOnly) continue;
      const known = this.#since.get(id);
      this.#since.delete(id);
      if (!isReadOnly && known !== undefined) events.push({ ...known, until: at });
      if (!isReadOnly) continue;
      const event = { at, kind: 'mount', level: 'critical', title: `${path} became read-only` } as const;
      this.#since.set(id, event);
      events.push(event);
    }
    for (const id of this.#since.keys()) if (!after.has(id)) this.#since.delete(id);
    return events;
  }
}

function parseMounts(text: string): ReadonlyMap<string, { readonly path: string; readonly isReadOnly: boolean }> {
  const mounts = new Map<string, { readonly path: string; readonly isReadOnly: boolean }>();
  for (const line of text.split('\n', MOST)) {
    const [left = '', right] = line.split(' - ');
    const [id, , , , path, options] = left.split(' ');
    const [, , superOptions] = right?.split(' ') ?? [];
    if (id === undefined || path === undefined || options === undefined || superOptions === undefined) continue;
    const isReadOnly = [options, superOptions].some((each) => each.split(',').includes('ro'));
    mounts.set(id, { path: unescape(path), isReadOnly });
  }
  return mounts;
}

/** The kernel writes blanks and backslashes as octal numbers. */
function unescape(path: string): string {
  return path.replace(/\\([0-3][0-7]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)));
}
