import { duration, globs, z } from '../../plugin/index.ts';

const CLASSES = ['cpu', 'blkio', 'network'] as const;

export const options = z.strictObject({
  endpoint: z
    .string()
    .regex(/^(?:ENV|(?:unix|tcp|http|https|npipe):\/\/.+)$/, {
      error: 'expected unix:///path, tcp://host:port, npipe:////./pipe/name or ENV',
    })
    .default(process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock')
    .describe('Where the daemon listens: unix:///path, tcp://host:port, npipe:////./pipe/name; ENV takes DOCKER_HOST'),
  request_timeout: duration('5s').describe('Longest time for one request to the daemon'),
  container_name_include: globs().describe('Only containers whose name matches one of these globs'),
  container_name_exclude: globs().describe('Not the containers whose name matches one of these globs'),
  container_state_include: globs().describe(
    'Only containers in these states (created, restarting, running, removing, paused, exited, dead); default running',
  ),
  container_state_exclude: globs().describe('Not the containers in these states'),
  perdevice_include: z
    .array(z.enum(CLASSES))
    .default(['cpu'])
    .describe('What is reported for each device: cpu, blkio, network'),
  total_include: z
    .array(z.enum(CLASSES))
    .default([...CLASSES])
    .describe('What is reported as a total: cpu, blkio, network'),
  docker_label_include: globs().describe('Labels that become tags, as globs; none by default, ["*"] takes all'),
  docker_label_exclude: globs().describe('Labels that do not become tags, as globs'),
  tag_env: z.array(z.string().min(1)).default([]).describe("The container's environment variables that become tags"),
  source_tag: z.boolean().default(false).describe('Adds the tag source: the first 12 characters of the container ID'),
  gather_services: z
    .boolean()
    .default(false)
    .describe('Reports the services of the swarm; the daemon must be a manager'),
  storage_objects: z
    .array(z.enum(['container', 'image', 'volume']))
    .default([])
    .describe('Reports the disk space of these (docker_disk_usage); slow on hosts with many files'),
  read_cgroups: z
    .boolean()
    .default(true)
    .describe(
      "Reads a local container's counters from its cgroup instead of asking the daemon, where they can be seen",
    ),
  memory_formula: z
    .enum(['telegraf', 'docker_stats'])
    .default('telegraf')
    .describe(
      'What is not counted as used with cgroup v1: the whole page cache, or what is inactive as docker stats does',
    ),
  memory_total_unit_tag: z
    .boolean()
    .default(false)
    .describe('Puts memory_total on a line of its own with the tag unit=bytes, as old releases of Telegraf do'),
  tls_ca: z.string().optional().describe('PEM file of the authorities that may sign the certificate of the daemon'),
  tls_cert: z.string().optional().describe('PEM file of our own certificate'),
  tls_key: z.string().optional().describe('PEM file of the key of our own certificate'),
  tls_server_name: z.string().optional().describe('Name that the certificate of the daemon must carry'),
  insecure_skip_verify: z.boolean().default(false).describe('Accepts any certificate of the daemon'),
});

export type DockerOptions = z.output<typeof options>;
