/**
 * A network namespace that is joined to this machine by a pair of virtual interfaces, whose packets can be dropped: both ends get a
 * wrong hardware address of the other, so nothing is refused, and nothing arrives. Needs root.
 */
import { spawnSync } from 'node:child_process';

import { findBinary } from './real-server.ts';

export interface Namespace {
  readonly name: string;
  /** Of this machine, as the namespace sees it. */
  readonly address: string;
  drop(): void;
  heal(): void;
  remove(): void;
}

const NOBODY = '02:00:00:00:00:fe';

/** @param index so that two do not share addresses, 0 to 60 */
export function openNamespace(index: number): Namespace {
  const name = `hd-test-${process.pid}-${index}`;
  const [outside, inside] = [`hdo${process.pid}-${index}`.slice(-15), `hdi${process.pid}-${index}`.slice(-15)];
  const net = `10.231.${process.pid % 250}`;
  const [here, there] = [`${net}.${index * 4 + 1}`, `${net}.${index * 4 + 2}`];
  ip('netns', 'add', name);
  try {
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', name);
    ip('addr', 'add', `${here}/30`, 'dev', outside);
    ip('link', 'set', outside, 'up');
    ip('-n', name, 'addr', 'add', `${there}/30`, 'dev', inside);
    ip('-n', name, 'link', 'set', inside, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'route', 'add', 'default', 'via', here);
  } catch (error) {
    ip('netns', 'del', name);
    throw error;
  }
  return {
    name,
    address: here,
    drop: () => {
      ip('neigh', 'replace', there, 'lladdr', NOBODY, 'dev', outside, 'nud', 'permanent');
      ip('-n', name, 'neigh', 'replace', here, 'lladdr', NOBODY, 'dev', inside, 'nud', 'permanent');
    },
    heal: () => {
      ip('neigh', 'del', there, 'dev', outside);
      ip('-n', name, 'neigh', 'del', here, 'dev', inside);
    },
    remove: () => {
      ip('link', 'del', outside);
      ip('netns', 'del', name);
    },
  };
}

/** Why there can be none here; undefined if there can be. */
export function namespaceObstacle(): string | undefined {
  if (findBinary('ip') === undefined) return 'needs ip (package iproute2)';
  if (process.getuid?.() !== 0) return 'needs root';
  try {
    openNamespace(60).remove();
    return undefined;
  } catch (error) {
    return `needs network namespaces: ${String(error)}`;
  }
}

function ip(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(findBinary('ip') ?? 'ip', args, { encoding: 'utf8', timeout: 10_000 });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr}`);
}
