/**
 * Metrics in the shapes and proportions of hosts that run Telegraf's usual inputs: about 12 fields a line, percentages
 * rounded to four decimals, counters, a few strings and a path that needs escaping. Reproducible: the random numbers
 * come from a fixed seed. Fields are in alphabetical order, because some peers sort them.
 */

/** field → kind; the last letter of the table says how values are made. */
const CPU = floats(
  'usage_guest usage_guest_nice usage_idle usage_iowait usage_irq usage_nice usage_softirq usage_steal usage_system usage_user',
);
const MEM = {
  ...ints(
    'active available buffered cached commit_limit committed_as dirty free high_free high_total huge_page_size huge_pages_free huge_pages_total inactive low_free low_total mapped page_tables shared slab sreclaimable sunreclaim swap_cached swap_free swap_total total used vmalloc_chunk vmalloc_total vmalloc_used write_back write_back_tmp',
  ),
  ...floats('available_percent used_percent'),
};
const DISK = {
  ...ints('free inodes_free inodes_total inodes_used total used'),
  ...floats('inodes_used_percent used_percent'),
};
const DISKIO = ints(
  'io_time iops_in_progress merged_reads merged_writes read_bytes read_time reads weighted_io_time write_bytes write_time writes',
);
const NET = ints('bytes_recv bytes_sent drop_in drop_out err_in err_out packets_recv packets_sent');
const SYSTEM = { ...floats('load1 load15 load5'), ...ints('n_cpus n_users uptime') };
const PROCESSES = ints('blocked dead idle paging running sleeping stopped total total_threads unknown zombies');
const CONTAINER = {
  ...strings('container_id'),
  ...ints('throttling_periods usage_in_kernelmode usage_in_usermode usage_system usage_total'),
  ...floats('usage_percent'),
};
const STATUS = { ...strings('container_id error'), ...ints('exitcode finished_at oomkilled pid started_at uptime_ns') };

const PATHS = ['/', '/boot', '/srv/shared data', '/var/lib/docker'];

/** What one host reports in one gather: [measurement, tags, fields]. 38 lines. */
function shapesOf(host) {
  const tags = { dc: 'fra1', host };
  const each = (count, make) => Array.from({ length: count }, (_, i) => make(i));
  return [
    ...each(9, (i) => ['cpu', { cpu: i === 8 ? 'cpu-total' : `cpu${i}`, ...tags }, CPU]),
    ['mem', tags, MEM],
    ['system', tags, SYSTEM],
    ['processes', tags, PROCESSES],
    ...PATHS.map((path, i) => ['disk', { device: `nvme0n1p${i}`, fstype: 'ext4', mode: 'rw', path, ...tags }, DISK]),
    ...each(4, (i) => ['diskio', { name: `nvme0n1p${i}`, ...tags }, DISKIO]),
    ...each(3, (i) => ['net', { interface: `eth${i}`, ...tags }, NET]),
    ...each(10, (i) => [
      'docker_container_cpu',
      {
        container_image: 'registry.example.org/app/worker',
        container_name: `worker-${i}`,
        cpu: 'cpu-total',
        engine_host: host,
        ...tags,
      },
      CONTAINER,
    ]),
    ...each(5, (i) => [
      'docker_container_status',
      { container_image: 'postgres', container_name: `db-${i}`, ...tags },
      STATUS,
    ]),
  ];
}

/**
 * @param {number} count how many
 * @param {number} [hosts] 38 series each; default 40, that is 1520 series
 */
export function telegrafMetrics(count, hosts = 40) {
  const random = randomNumbers(42);
  const shapes = Array.from({ length: hosts }, (_, i) => shapesOf(`web-${i}.example.org`)).flat();
  return Array.from({ length: count }, (_, i) => {
    const [name, tags, kinds] = shapes[i % shapes.length];
    const fields = {};
    for (const key of Object.keys(kinds).sort()) fields[key] = kinds[key](random);
    return {
      name,
      tags,
      fields,
      time: 1_700_000_000_000_000_000n + BigInt(Math.floor(i / shapes.length)) * 10_000_000_000n,
    };
  });
}

function floats(names) {
  return table(names, (random) => (random() < 0.2 ? 0 : Math.round(random() * 1e6) / 1e4));
}

/** Of all magnitudes: most counters are small, some are bytes of months. */
function ints(names) {
  return table(names, (random) => BigInt(Math.floor(10 ** (random() * 13))));
}

function strings(names) {
  return table(names, (random) =>
    Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(64, 'c0ffee'),
  );
}

function table(names, make) {
  return Object.fromEntries(names.split(' ').map((name) => [name, make]));
}

/** A linear congruential generator; good enough for values. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
