import { duration, globs, z } from '../../plugin/index.ts';

const CLASSES = ['cpu', 'blkio', 'network'] as const;

export const options = z.strictObject({
  endpoint: z
    .string()
    .regex(/^(?:ENV|(?:unix|tcp|http|https|npipe):\/\/.+)$/, {
      error: 'expected unix:///path, tcp://host:port, npipe:////./pipe/name or ENV',
    })
    .default(process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock')
    .describe('Address of the daemon: unix:///path, tcp://host:port, npipe:////./pipe/name, or ENV for DOCKER_HOST'),
  request_timeout: duration('5s').describe('Timeout of each request to the daemon'),
  container_name_include: globs().describe('Globs of container names to include; empty for all'),
  container_name_exclude: globs().describe('Globs of container names to exclude'),
  container_state_include: globs().describe(
    'Globs of container states to include (created, restarting, running, removing, paused, exited, dead); by default running',
  ),
  container_state_exclude: globs().describe('Globs of container states to exclude'),
  perdevice_include: z
    .array(z.enum(CLASSES))
    .default(['cpu'])
    .describe('Metrics to report per CPU, block device or interface: cpu, blkio, network'),
  total_include: z
    .array(z.enum(CLASSES))
    .default([...CLASSES])
    .describe('Metrics to report as a total: cpu, blkio, network'),
  docker_label_include: globs().describe('Globs of labels that become tags; none by default, ["*"] for all'),
  docker_label_exclude: globs().describe('Globs of labels that do not become tags'),
  tag_env: z.array(z.string().min(1)).default([]).describe('Environment variables of the container that become tags'),
  source_tag: z.boolean().default(false).describe('Adds the tag source, the first 12 characters of the container ID'),
  gather_services: z
    .boolean()
    .default(false)
    .describe('Reports the services of the swarm (docker_swarm); the daemon must be a manager'),
  storage_objects: z
    .array(z.enum(['container', 'image', 'volume']))
    .default([])
    .describe('Object types to report disk usage of (docker_disk_usage); slow on hosts with many files'),
  read_cgroups: z
    .boolean()
    .default(true)
    .describe(
      'Reads the counters of local containers from their cgroups, and asks the daemon only where those are not readable',
    ),
  memory_formula: z
    .enum(['telegraf', 'docker_stats'])
    .default('telegraf')
    .describe(
      'Page cache subtracted from used memory with cgroup v1: all of it, or the inactive part as docker stats does',
    ),
  memory_total_unit_tag: z
    .boolean()
    .default(false)
    .describe('Reports memory_total as a separate point with the tag unit=bytes, as old releases of Telegraf do'),
  tls_ca: z.string().optional().describe('PEM file of the CA certificates that the daemon is verified against'),
  tls_cert: z.string().optional().describe('PEM file of the client certificate'),
  tls_key: z.string().optional().describe('PEM file of the client key'),
  tls_server_name: z.string().optional().describe('Expected host name in the certificate of the daemon'),
  insecure_skip_verify: z.boolean().default(false).describe('Skips verification of the daemon certificate'),
});

export type DockerOptions = z.output<typeof options>;
