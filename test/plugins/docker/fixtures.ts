/**
 * Answers of the Engine API. `cgroup-v1.*`, `host-network`, `info`, `containers`, `inspect.*` and `disk-usage` were
 * recorded from Docker 20.10 on cgroup v1; `cgroup-v2`, `windows` and `podman` follow the API reference and what these
 * daemons are known to send or omit.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ContainerStats } from '../../../src/plugins/docker/api/answers.ts';

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8'));
}

export function stats(name: string): ContainerStats {
  return fixture(name) as ContainerStats;
}
