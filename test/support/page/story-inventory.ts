/** What the hosts of the story run: most the same, some behind. */
import type { FleetInventoryAnswer, HostInventoryAnswer } from '../../../src/api/fleet-inventory.ts';
import type { InventoryReport } from '../../../src/api/inventory-report.ts';

import { storyFleet, type FleetState } from './story-fleet.ts';

const HOUR = 3_600_000;
const GIB = 1024 ** 3;

export function storyFleetInventory(fleet: FleetState, now: number): FleetInventoryAnswer {
  return {
    hosts: storyFleet(fleet, now).hosts.map(({ id, name }, index) => {
      const { os, kernel, arch, cores, memoryBytes, virtualisation, isRebootPending, version, inputs } =
        reportOf(index);
      const failing = inputs.filter(({ error }) => error !== null).map(({ alias }) => alias);
      return {
        ...{ id, name, at: now, failing, changedAt: index % 9 === 0 ? now - 30 * HOUR : null },
        ...{ os, kernel, arch, cores, memoryBytes, virtualisation, isRebootPending, version },
      };
    }),
  };
}

export function storyHostInventory(fleet: FleetState, now: number, id: string): HostInventoryAnswer | undefined {
  const { hosts } = storyFleet(fleet, now);
  const index = hosts.findIndex((host) => host.id === id);
  const host = hosts[index];
  if (host === undefined) return undefined;
  return {
    id,
    name: host.name,
    at: now - 60_000,
    report: reportOf(index),
    changes: [
      { at: now - 30 * HOUR, label: 'Kernel', before: '6.12.38', after: '6.12.41' },
      { at: now - 30 * HOUR, label: 'Memory: Slot 1', before: null, after: '16 GiB DDR4' },
    ],
  };
}

function reportOf(index: number): InventoryReport {
  const isOld = index % 20 === 7;
  return {
    os: index % 30 === 11 ? 'Ubuntu 24.04.3 LTS' : 'Debian GNU/Linux 12 (bookworm)',
    kernel: isOld ? '6.1.0-28-amd64' : '6.12.41+deb13-amd64',
    arch: 'x64',
    cores: 8 + 8 * (index % 3),
    memoryBytes: (16 << (index % 3)) * GIB,
    timeZone: 'Europe/Berlin',
    virtualisation: 'kvm',
    isRebootPending: index % 15 === 4,
    version: index % 25 === 3 ? '0.0.9' : '0.1.0',
    tags: { role: 'db' },
    addresses: ['10.0.0.1'],
    inputs: [
      { alias: 'cpu', plugin: 'cpu', error: null },
      { alias: 'nginx', plugin: 'nginx', error: index % 22 === 5 ? 'connect ECONNREFUSED 127.0.0.1:80' : null },
    ],
    sections: [
      {
        title: 'Processor',
        rows: [
          ['Model', 'AMD EPYC 9354P'],
          ['Fastest', '3.25 GHz'],
        ],
      },
      {
        title: 'Memory',
        rows: [
          ['Slot 0', '16 GiB DDR4, 3200 MT/s, ECC'],
          ['Slot 1', '16 GiB DDR4, 3200 MT/s, ECC'],
        ],
      },
    ],
  };
}
