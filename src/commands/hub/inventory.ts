/** `healthd hub inventory`. */
import type { HostInventoryAnswer, InventoryChange } from '../../api/fleet-inventory.ts';
import type { InventoryReport } from '../../api/inventory-report.ts';
import { printable } from '../../core/printable.ts';
import { inventoryRows } from '../../hub/inventory-rows.ts';

import { columns } from '../columns.ts';
import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { withDaemon } from '../daemon.ts';

export interface HubInventoryInput extends ConfigOptions {
  readonly host: string;
  readonly json?: boolean;
}

export function hubInventory({ host, json, ...options }: HubInventoryInput, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client, print }) => {
    const path = `/api/v1/fleet/hosts/${encodeURIComponent(host)}/inventory`;
    const answer = (await client.get(path)) as HostInventoryAnswer;
    print(json === true ? answer : inventoryLines(answer));
    return EXIT.ok;
  });
}

function inventoryLines({ name, at, report, changes }: HostInventoryAnswer): readonly string[] {
  if (report === null || at === null)
    return [`${printable(name)} has not told its inventory; agents of earlier versions do not, others within a minute`];
  const facts = section(name, factsOf(report));
  const sections = report.sections.flatMap(({ title, rows }) => ['', ...section(title, rows)]);
  const told = `Told at ${new Date(at).toISOString()}`;
  return [...facts, ...sections, '', 'Changes', ...changeLines(changes), '', told];
}

type Row = readonly [label: string, value: string];

function factsOf(report: InventoryReport): readonly Row[] {
  const inputs = report.inputs.map(({ alias, error }): Row => [
    `Input ${alias}`,
    error === null ? 'works' : `fails: ${error}`,
  ]);
  return [...inventoryRows(report), ...inputs];
}

function section(title: string, rows: readonly Row[]): readonly string[] {
  return [
    title,
    ...columns(
      rows.map((row) => [`  ${row[0]}`, row[1]]),
      ['left', 'left'],
    ),
  ];
}

function changeLines(changes: readonly InventoryChange[]): readonly string[] {
  if (changes.length === 0) return ['  none since the host told it first'];
  return changes.map(({ at, label, before, after }) => {
    const what = before === null ? `is ${after}` : after === null ? `${before} is gone` : `${before} → ${after}`;
    return `  ${new Date(at).toISOString()}  ${printable(`${label}: ${what}`)}`;
  });
}
