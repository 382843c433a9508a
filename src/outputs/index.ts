import type { OutputPlugin } from '../plugin/index.ts';

/** The built-in outputs. Each is imported only when a configuration names it. */
export const outputs: Readonly<Record<string, () => Promise<OutputPlugin>>> = {
  console: async () => (await import('./console/index.ts')).consoleOutput,
  discard: async () => (await import('./discard/index.ts')).discard,
  elasticsearch: async () => (await import('./elasticsearch/index.ts')).elasticsearch,
  file: async () => (await import('./file/index.ts')).file,
  graphite: async () => (await import('./graphite/index.ts')).graphite,
  graylog: async () => (await import('./graylog/index.ts')).graylog,
  http: async () => (await import('./http/index.ts')).http,
  hub: async () => (await import('./hub/index.ts')).hub,
  influxdb: async () => (await import('./influxdb/index.ts')).influxdb,
  kafka: async () => (await import('./kafka/index.ts')).kafka,
  logstash: async () => (await import('./logstash/index.ts')).logstash,
  loki: async () => (await import('./loki/index.ts')).loki,
  mqtt: async () => (await import('./mqtt/index.ts')).mqtt,
  nats: async () => (await import('./nats/index.ts')).nats,
  opentelemetry: async () => (await import('./opentelemetry/index.ts')).opentelemetry,
  prometheus: async () => (await import('./prometheus/index.ts')).prometheus,
  prometheus_remote_write: async () => (await import('./prometheus_remote_write/index.ts')).prometheusRemoteWrite,
  sftp: async () => (await import('./sftp/index.ts')).sftp,
  syslog: async () => (await import('./syslog/index.ts')).syslog,
};
