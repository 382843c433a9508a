import { cpus, loadavg, machine, release, uptime } from 'node:os';

import type { WindowsFacts } from '../../plugin/index.ts';

import type { SystemFields, SystemSource } from './source.ts';

/**
 * Reads from Node if possible, from Windows if it is one, and from systeminformation otherwise.
 *
 * @param deadline of one question to Windows
 */
export function portableSource(
  platform: NodeJS.Platform,
  windows: WindowsFacts | undefined,
  deadline: () => AbortSignal,
): SystemSource {
  let cores: number | undefined;
  return {
    load() {
      // Windows has no load average; Node returns 0 there.
      if (windows !== undefined) return queueLength(windows, deadline());
      const [load1, load5, load15] = loadavg();
      return { load1, load5, load15 };
    },
    async cpus() {
      cores ??=
        windows !== undefined
          ? await physicalCores(windows, deadline())
          : (await systeminformation().then((si) => si.cpu())).physicalCores;
      return { n_cpus: cpus().length, n_physical_cpus: cores };
    },
    async users() {
      if (platform === 'win32') return {};
      const users = await (await systeminformation()).users();
      return { n_users: users.length, n_unique_users: new Set(users.map(({ user }) => user)).size };
    },
    uptime: () => Math.floor(uptime()),
    async os() {
      const { distro, release: version } = await (await systeminformation()).osInfo();
      return {
        os: platform === 'win32' ? 'windows' : platform,
        arch: machine(),
        platform: distro || undefined,
        platform_version: version || undefined,
        kernel_version: release(),
      };
    },
    dmi: readDmi,
  };
}

async function queueLength(windows: WindowsFacts, signal: AbortSignal): Promise<SystemFields> {
  const [row] = (await windows.ask('system', {}, signal)) as readonly Readonly<Record<string, unknown>>[];
  const length = row?.['ProcessorQueueLength'];
  if (typeof length !== 'number') throw new Error('Windows gave no length of the processor queue');
  return { processor_queue_length: length };
}

async function physicalCores(windows: WindowsFacts, signal: AbortSignal): Promise<number | undefined> {
  const rows = (await windows.ask('cores', {}, signal)) as readonly Readonly<Record<string, unknown>>[];
  const sum = rows.reduce((total, row) => total + Number(row['NumberOfCores']), 0);
  return sum > 0 ? sum : undefined;
}

async function systeminformation() {
  return (await import('systeminformation')).default;
}

async function readDmi() {
  const si = await systeminformation();
  const [bios, board, chassis, product] = await Promise.all([si.bios(), si.baseboard(), si.chassis(), si.system()]);
  const fields = {
    bios_vendor: bios.vendor,
    bios_version: bios.version,
    bios_date: bios.releaseDate,
    board_vendor: board.manufacturer,
    board_product: board.model,
    board_version: board.version,
    board_serial: board.serial,
    board_asset_tag: board.assetTag,
    chassis_vendor: chassis.manufacturer,
    chassis_type: chassis.type,
    chassis_version: chassis.version,
    chassis_serial: chassis.serial,
    chassis_asset_tag: chassis.assetTag,
    product_vendor: product.manufacturer,
    product_name: product.model,
    product_version: product.version,
    product_serial: product.serial,
    product_sku: product.sku,
    product_uuid: product.uuid,
  };
  // Unknown values are empty or a hyphen.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== '-'));
}
