import type { OutputPlugin } from '../plugin.ts';

/** The built-in outputs. Each is imported only when a configuration names it. */
export const outputs: Readonly<Record<string, () => Promise<OutputPlugin>>> = {
  console: async () => (await import('./console/index.ts')).consoleOutput,
  discard: async () => (await import('./discard/index.ts')).discard,
  file: async () => (await import('./file/index.ts')).file,
  influxdb: async () => (await import('./influxdb/index.ts')).influxdb,
  prometheus: async () => (await import('./prometheus/index.ts')).prometheus,
  prometheus_remote_write: async () => (await import('./prometheus_remote_write/index.ts')).prometheusRemoteWrite,
};
