/** An inventory as label and value by section, for people. Serial numbers are left out: they open support accounts. */
import { formatValue, oneLine, truncate } from '../../plugin/message-text.ts';

import type { Facts } from './facts.ts';

export interface InventorySection {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, value: string])[];
}

type Row = readonly [label: string, value: string];

/** Of a section: a host may have hundreds of disks and interfaces. */
const MOST_ROWS = 64;
const MOST_CHARACTERS = 200;
/** What firmware says instead of nothing. */
const PLACEHOLDER =
  /^(?:-|n\/a|none|unknown|not (?:specified|available|provided)|to be filled|default string|system (?:product|manufacturer|version)|o\.e\.m)/i;

/** Leaves out sections and rows without a value. */
export function sectionsOf(facts: Facts): readonly InventorySection[] {
  return [
    section('System', systemRows(facts)),
    section('Operating system', osRows(facts)),
    section('Processor', processorRows(facts)),
    section('Memory', memoryRows(facts)),
    section('Disks', diskRows(facts)),
    section('Network cards', networkRows(facts)),
    section('Graphics', graphicsRows(facts)),
  ].filter(({ rows }) => rows.length > 0);
}

function section(title: string, rows: readonly Row[]): InventorySection {
  const known = rows.filter(([, value]) => value !== '');
  const shown = known.length <= MOST_ROWS ? known : known.slice(0, MOST_ROWS - 1);
  const rest: readonly Row[] = shown.length < known.length ? [['Others', String(known.length - shown.length)]] : [];
  return { title, rows: [...shown.map(([label, value]): Row => [bounded(label), bounded(value)]), ...rest] };
}

function systemRows({ system, bios, baseboard, chassis }: Facts): readonly Row[] {
  const isVirtual = system.virtual;
  const virtualisation = isVirtual === true ? joined([system.virtualHost]) || 'yes' : 'none';
  return [
    ['Model', joined([system.manufacturer, system.model, system.version])],
    ['Board', joined([baseboard.manufacturer, baseboard.model])],
    ['Chassis', joined([chassis.type])],
    ['Firmware', joined([bios.vendor, bios.version, bios.releaseDate])],
    ['Virtualisation', typeof isVirtual === 'boolean' ? virtualisation : ''],
  ];
}

function osRows({ osInfo }: Facts): readonly Row[] {
  const codename = joined([osInfo.codename]);
  return [
    ['Distribution', joined([osInfo.distro, osInfo.release, codename === '' ? '' : `(${codename})`])],
    ['Kernel', joined([osInfo.kernel])],
    ['Architecture', joined([osInfo.arch])],
    ['Boot', osInfo.uefi === true ? 'UEFI' : ''],
  ];
}

function processorRows({ cpu }: Facts): readonly Row[] {
  const { physicalCores, cores, processors, cache } = cpu;
  const counts = [counted(processors, 'socket'), counted(physicalCores, 'core'), counted(cores, 'thread')];
  const fastest = cpu.speedMax || cpu.speed;
  return [
    ['Model', joined([cpu.manufacturer, cpu.brand])],
    ['Cores', listed(counts)],
    ['Fastest', fastest ? `${fastest} GHz` : ''],
    ['Cache', listed([sized('L2', cache?.l2), sized('L3', cache?.l3)])],
  ];
}

function memoryRows({ mem, memLayout }: Facts): readonly Row[] {
  const modules = memLayout.filter(({ size }) => (size ?? 0) > 0);
  const slots = modules.map(({ size, bank, type, ecc, clockSpeed, manufacturer }, index): Row => {
    const speed = clockSpeed ? `${clockSpeed} MT/s` : '';
    const name = joined([bank]) || `Slot ${index}`;
    return [name, listed([joined([bytes(size), type]), speed, ecc === true ? 'ECC' : '', joined([manufacturer])])];
  });
  // A virtual machine has one module without a type, that is all of its memory.
  const areReal = modules.some(({ type }) => joined([type]) !== '');
  return [['Total', bytes(mem.total)], ...(areReal ? slots : [])];
}

function diskRows({ diskLayout }: Facts): readonly Row[] {
  return diskLayout.map(({ device, name, vendor, type, interfaceType, size }, index) => {
    const model = joined([name]) || joined([vendor]);
    const kind = [...new Set([joined([interfaceType]), joined([type])])].join(' ').trim();
    return [joined([device]).replace(/^\/dev\//, '') || `Disk ${index}`, listed([model, bytes(size), kind])];
  });
}

function networkRows({ networkInterfaces }: Facts): readonly Row[] {
  return networkInterfaces
    .filter(({ internal, virtual }) => internal !== true && virtual !== true)
    .map(({ iface, mac, operstate, type, speed }, index) => {
      const rate = speed && speed > 0 ? `${speed} Mbit/s` : '';
      return [joined([iface]) || `Card ${index}`, listed([joined([type]), rate, joined([operstate]), joined([mac])])];
    });
}

function graphicsRows({ graphics }: Facts): readonly Row[] {
  return (graphics.controllers ?? []).map(({ vendor, model, vram }, index) => {
    const memory = vram ? formatValue(vram * 1024 * 1024, 'bytes') : '';
    return [`Card ${index}`, listed([joined([vendor, model]), memory])];
  });
}

/** Without what is empty, a placeholder, or repeats the word before: `Dell Inc. Dell PowerEdge`. */
function joined(parts: readonly (string | null | undefined)[]): string {
  return parts
    .map((part) => (part ?? '').trim())
    .filter((part) => part !== '' && !PLACEHOLDER.test(part))
    .filter((part, index, all) => index === 0 || part !== all[index - 1])
    .join(' ');
}

function listed(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

function counted(count: number | null | undefined, what: string): string {
  return count ? `${count} ${what}${count === 1 ? '' : 's'}` : '';
}

function sized(what: string, size: number | null | undefined): string {
  return size ? `${what} ${bytes(size)}` : '';
}

function bytes(size: number | null | undefined): string {
  return size ? formatValue(size, 'bytes') : '';
}

function bounded(value: string): string {
  return truncate(oneLine(value), MOST_CHARACTERS);
}
