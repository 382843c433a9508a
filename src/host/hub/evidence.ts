/** What an agent says about its host to a hub. */
import { createHmac, randomBytes } from 'node:crypto';
import { networkInterfaces, uptime } from 'node:os';

import { PROTOCOL, type HostEvidence } from '../../api/hub-protocol.ts';
import type { Clock, Host } from '../../plugin/index.ts';

/** Of this process. */
export const PROCESS_START = randomBytes(16).toString('hex');

const MOST_ADDRESSES = 16;

/** @param version of healthd @param start of the process */
export function hostEvidence(host: Host, version: string, start: string, clock: Pick<Clock, 'now'>): HostEvidence {
  const bootedAt = Math.round(clock.now() - uptime() * 1000);
  return {
    name: host.hostname,
    machine: machineOf(host),
    // Elsewhere the time of the boot stands for it, to the minute, since it is measured.
    boot: host.readOptional(`${host.proc}/sys/kernel/random/boot_id`) || String(Math.round(bootedAt / 60_000)),
    start,
    bootedAt,
    addresses: addresses(),
    version,
    protocol: PROTOCOL,
  };
}

/** machine-id(5) asks programs to show a keyed hash only. */
function machineOf({ etc, readOptional }: Host): string {
  const id = readOptional(`${etc}/machine-id`);
  return id === '' ? '' : createHmac('sha256', id).update('healthd').digest('hex').slice(0, 32);
}

function addresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .slice(0, MOST_ADDRESSES);
}
