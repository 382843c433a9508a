/** The facts that healthd reports, from other sources: standard programs and other files. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Space {
  readonly total: number;
  readonly used: number;
  readonly free: number;
}

export interface HostFacts {
  /** Bytes, by mount point. */
  readonly disks: ReadonlyMap<string, Space>;
  readonly memory: { readonly total: number; readonly available: number };
  readonly swap: Space;
  /** Seconds since boot, all CPUs together. */
  readonly cpuIdle: number;
  readonly cpus: number;
  readonly uptime: number;
  readonly load1: number;
  readonly kernel: Readonly<Record<'boot_time' | 'context_switches' | 'interrupts' | 'processes_forked', number>>;
  /** By device, under healthd's names. */
  readonly blockDevices: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly interfaces: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** @param mounts mount points to ask `df` for */
export async function readHostFacts(mounts: readonly string[]): Promise<HostFacts> {
  const { memory, swap } = await readFree();
  return {
    disks: await readDf(mounts),
    memory,
    swap,
    cpuIdle: readCpu().idle,
    cpus: Number((await run('nproc')).stdout),
    uptime: Number(readWords('/proc/uptime')[0]),
    load1: Number(readWords('/proc/loadavg')[0]),
    kernel: readKernel(),
    blockDevices: readBlockDevices(),
    interfaces: readInterfaces(),
  };
}

export interface CpuTime {
  /** Seconds since boot, all CPUs together. */
  readonly idle: number;
  readonly total: number;
}

/** From /proc/stat. The last two columns, guest time, are included in the first two. */
export function readCpu(): CpuTime {
  const [, ...columns] = readWords('/proc/stat');
  const jiffies = columns.slice(0, 8).map(Number);
  // A jiffy is 10 ms for user space, whatever the kernel's own clock.
  return { idle: (jiffies[3] ?? Number.NaN) / 100, total: jiffies.reduce((sum, each) => sum + each, 0) / 100 };
}

async function readDf(mounts: readonly string[]): Promise<Map<string, Space>> {
  const disks = new Map<string, Space>();
  for (const mount of mounts) {
    const { stdout } = await run('df', ['-B1', '--output=size,used,avail', mount]);
    const [total = 0, used = 0, free = 0] = (stdout.split('\n')[1] ?? '').trim().split(/\s+/).map(Number);
    disks.set(mount, { total, used, free });
  }
  return disks;
}

async function readFree(): Promise<Pick<HostFacts, 'memory' | 'swap'>> {
  const { stdout } = await run('free', ['-b'], { env: { ...process.env, LC_ALL: 'C' } });
  const row = (name: string) =>
    (new RegExp(`^${name}:(.*)$`, 'm').exec(stdout)?.[1] ?? '').trim().split(/\s+/).map(Number);
  // The column "used" is ignored: its meaning depends on the version of procps.
  const [memory, swap] = [row('Mem'), row('Swap')];
  return {
    memory: { total: memory[0] ?? Number.NaN, available: memory[5] ?? Number.NaN },
    swap: { total: swap[0] ?? Number.NaN, used: swap[1] ?? Number.NaN, free: swap[2] ?? Number.NaN },
  };
}

function readKernel(): HostFacts['kernel'] {
  const stat = readFileSync('/proc/stat', 'utf8');
  const value = (key: string) => Number(new RegExp(`^${key} (\\d+)`, 'm').exec(stat)?.[1]);
  return {
    boot_time: value('btime'),
    context_switches: value('ctxt'),
    interrupts: value('intr'),
    processes_forked: value('processes'),
  };
}

/** From sysfs; healthd reads /proc/diskstats. Sectors are always 512 bytes. */
function readBlockDevices(): HostFacts['blockDevices'] {
  const devices = readdirSync('/sys/block').map((name) => {
    const columns = readWords(`/sys/block/${name}/stat`).map(Number);
    const at = (index: number) => columns[index] ?? Number.NaN;
    const counters = {
      reads: at(0),
      merged_reads: at(1),
      read_bytes: at(2) * 512,
      read_time: at(3),
      writes: at(4),
      merged_writes: at(5),
      write_bytes: at(6) * 512,
      write_time: at(7),
      io_time: at(9),
      weighted_io_time: at(10),
    };
    return [name, counters] as const;
  });
  return new Map(devices);
}

/** From sysfs; healthd reads /proc/net/dev. */
function readInterfaces(): HostFacts['interfaces'] {
  const files = {
    bytes_recv: 'rx_bytes',
    bytes_sent: 'tx_bytes',
    packets_recv: 'rx_packets',
    packets_sent: 'tx_packets',
    err_in: 'rx_errors',
    err_out: 'tx_errors',
    drop_out: 'tx_dropped',
  };
  const interfaces = readdirSync('/sys/class/net').map((name) => {
    const read = (file: string) => Number(readWords(`/sys/class/net/${name}/statistics/${file}`)[0]);
    return [name, Object.fromEntries(Object.entries(files).map(([field, file]) => [field, read(file)]))] as const;
  });
  return new Map(interfaces);
}

function readWords(path: string): readonly string[] {
  const [line = ''] = readFileSync(path, 'utf8').split('\n');
  return line.trim().split(/\s+/);
}
