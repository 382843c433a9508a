import type { InputPlugin } from '../plugin/index.ts';

/** The built-in inputs, imported lazily when a configuration names them. */
export const inputs: Readonly<Record<string, () => Promise<InputPlugin>>> = {
  agent_log: async () => (await import('./agent_log/index.ts')).agentLog,
  alerts: async () => (await import('./alerts/index.ts')).alerts,
  cpu: async () => (await import('./cpu/index.ts')).cpu,
  disk: async () => (await import('./disk/index.ts')).disk,
  diskio: async () => (await import('./diskio/index.ts')).diskio,
  docker: async () => (await import('./docker/index.ts')).docker,
  exec: async () => (await import('./exec/index.ts')).exec,
  fleet: async () => (await import('./fleet/index.ts')).fleet,
  influxdb_listener: async () => (await import('./influxdb_listener/index.ts')).influxdbListener,
  internal: async () => (await import('./internal/index.ts')).internal,
  kernel: async () => (await import('./kernel/index.ts')).kernel,
  mem: async () => (await import('./mem/index.ts')).mem,
  net: async () => (await import('./net/index.ts')).net,
  netstat: async () => (await import('./netstat/index.ts')).netstat,
  opentelemetry: async () => (await import('./opentelemetry/index.ts')).opentelemetry,
  processes: async () => (await import('./processes/index.ts')).processes,
  prometheus: async () => (await import('./prometheus/index.ts')).prometheus,
  prometheus_remote_write: async () => (await import('./prometheus_remote_write/index.ts')).prometheusRemoteWrite,
  swap: async () => (await import('./swap/index.ts')).swap,
  system: async () => (await import('./system/index.ts')).system,
  temp: async () => (await import('./temp/index.ts')).temp,
  win_eventlog: async () => (await import('./win_eventlog/index.ts')).winEventlog,
  win_perf_counters: async () => (await import('./win_perf_counters/index.ts')).winPerfCounters,
  win_services: async () => (await import('./win_services/index.ts')).winServices,
};
