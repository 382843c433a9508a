/** What this agent tells its hub about the machine. */
import {
  MOST_INPUTS,
  MOST_REPORT_BYTES,
  MOST_ROWS,
  MOST_SECTIONS,
  type InventoryReport,
} from '../api/inventory-report.ts';
import type { AgentAnswer } from '../api/agent.ts';
import type { HostInfo } from '../api/host.ts';
import type { InventoryAtTime } from '../host/inventory/inventory.ts';
import { truncate } from '../plugin/message-text.ts';

export interface Known {
  readonly host: HostInfo;
  readonly agent: Pick<AgentAnswer, 'inputs'>;
  /** Undefined until it was collected. */
  readonly inventory: Pick<InventoryAtTime, 'sections'> | undefined;
  /** Undefined: it cannot be known here. */
  readonly isRebootPending: boolean | undefined;
}

/** Cut to the bounds of the protocol, or the hub would refuse all of it. */
export function inventoryReport({ host, agent, inventory, isRebootPending }: Known): InventoryReport {
  const sections = (inventory?.sections ?? []).slice(0, MOST_SECTIONS).map(({ title, rows }) => ({
    title: truncate(title, 100),
    rows: rows
      .slice(0, MOST_ROWS)
      .map(([label, value]): [string, string] => [truncate(label, 200), truncate(value, 200)]),
  }));
  const rows = sections.flatMap((section) => section.rows);
  const report: InventoryReport = {
    os: truncate(host.os, 200),
    kernel: truncate(host.kernel, 200),
    arch: truncate(host.arch, 64),
    cores: host.cores,
    memoryBytes: host.memoryBytes,
    timeZone: truncate(host.timeZone, 64),
    virtualisation: rows.find(([label]) => label === 'Virtualisation')?.[1] ?? '',
    isRebootPending: isRebootPending ?? null,
    version: truncate(host.agent.version, 64),
    tags: Object.fromEntries(
      Object.entries(host.tags)
        .filter(([key]) => key.length <= 64)
        .slice(0, 50)
        .map(([key, value]) => [key, truncate(value, 255)]),
    ),
    addresses: [...host.addresses].sort(),
    inputs: agent.inputs
      .map(({ alias, plugin, error }) => ({
        alias: truncate(alias, 200),
        plugin: truncate(plugin, 100),
        error: error === undefined ? null : truncate(error, 300),
      }))
      .slice(0, MOST_INPUTS),
    sections,
  };
  return fitting(report);
}

/** What is missed least goes first: the last sections, of cards and graphics, then inputs. */
function fitting(report: InventoryReport): InventoryReport {
  let fit = report;
  const isTooLarge = () => Buffer.byteLength(JSON.stringify(fit)) > MOST_REPORT_BYTES;
  while (fit.sections.length > 0 && isTooLarge()) fit = { ...fit, sections: fit.sections.slice(0, -1) };
  while (fit.inputs.length > 0 && isTooLarge())
    fit = { ...fit, inputs: fit.inputs.slice(0, Math.floor(fit.inputs.length / 2)) };
  return fit;
}
