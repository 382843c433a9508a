/** What a process belongs to, by /proc/[pid]/cgroup: a systemd unit, a container, or a session. Format: cgroups(7). */
import { oneLine, truncate } from '../../plugin/message-text.ts';

/** @returns the container's name; undefined if it is not known */
export type NameContainer = (id: string) => string | undefined;

/** The ids of Docker, Podman, containerd and CRI-O; alone, or within `docker-….scope`, `libpod-…`, `cri-containerd-….scope`. */
const CONTAINER_ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;
/** As `docker ps` shows it. */
const SHORT_ID = 12;

/** LXC and Incus name the group after the container, systemd-machined the scope. */
const NAMED_CONTAINER = /\/(?:lxc\/|lxc\.payload[./]|machine\.slice\/machine-)([^/]+?)(?:\.scope)?(?:\/|$)/;
const SESSION = /\/session-([^/]+)\.scope(?:\/|$)/;
const UNIT = /\/([^/]+)\.(service|scope|socket|mount|swap)(?=\/|$)/g;
const MAX_UNIT = 100;

/** @returns empty if it belongs to none of them */
export function unitOf(text: string, nameOf: NameContainer = () => undefined): string {
  const paths = pathsOf(text);
  for (const path of paths) {
    const container = containerOf(path, nameOf) ?? systemdUnitOf(path);
    if (container !== undefined) return truncate(oneLine(container), MAX_UNIT);
  }
  return '';
}

/** That of the unified hierarchy first, then systemd's, then those of single controllers of version 1. */
function pathsOf(text: string): readonly string[] {
  const groups = text.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.+)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ controllers, path }];
  });
  const rank = (controllers = '') => (controllers === '' ? 0 : controllers === 'name=systemd' ? 1 : 2);
  return groups.sort((a, b) => rank(a.controllers) - rank(b.controllers)).map(({ path }) => path);
}

/** Of containers in containers, the innermost whose name is known. */
function containerOf(path: string, nameOf: NameContainer): string | undefined {
  const ids = [...path.matchAll(CONTAINER_ID)].map(([id]) => id).reverse();
  for (const id of ids) {
    const name = nameOf(id);
    if (name !== undefined && name !== '') return name;
  }
  return ids[0]?.slice(0, SHORT_ID) ?? NAMED_CONTAINER.exec(path)?.[1];
}

/** The innermost unit. Services are spelled as systemctl does; a session in words. */
function systemdUnitOf(path: string): string | undefined {
  const [, session] = SESSION.exec(path) ?? [];
  if (session !== undefined) return `session ${session}`;
  const last = [...path.matchAll(UNIT)].at(-1);
  if (last === undefined) return undefined;
  const [, name = '', kind = ''] = last;
  // `init.scope` is the manager itself, of the system or of a user.
  return name === 'init' && kind === 'scope' ? systemdUnitOf(path.slice(0, last.index)) : `${unescape(name)}.${kind}`;
}

/** systemd writes bytes that are not allowed in a unit's name as `\x2d`. */
function unescape(name: string): string {
  return name.replace(/\\x([0-7][0-9a-f])/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
