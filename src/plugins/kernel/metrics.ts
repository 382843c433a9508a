import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  kernel: {
    kind: 'counter',
    fields: {
      boot_time: {
        type: 'int',
        unit: 's',
        kind: 'gauge',
        help: 'Boot time, seconds since the Unix epoch',
      },
      context_switches: { type: 'int', unit: 'switches', help: 'Context switches since boot' },
      interrupts: { type: 'int', unit: 'interrupts', help: 'Interrupts serviced since boot' },
      processes_forked: { type: 'int', unit: 'processes', help: 'Processes and threads created since boot' },
      entropy_avail: {
        type: 'int',
        unit: 'bits',
        kind: 'gauge',
        help: 'Available entropy of the random number generator',
      },
      disk_pages_in: { type: 'int', unit: 'pages', help: 'Pages read from disk since boot (kernels before 2.6)' },
      disk_pages_out: { type: 'int', unit: 'pages', help: 'Pages written to disk since boot (kernels before 2.6)' },
      ksm_full_scans: { type: 'int', unit: 'scans', help: 'Full scans of all mergeable memory' },
      ksm_general_profit: {
        type: 'int',
        unit: 'bytes',
        kind: 'gauge',
        help: 'Memory saved by merging, minus its cost',
      },
      ksm_max_page_sharing: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Maximum mappings of one merged page' },
      ksm_merge_across_nodes: { type: 'int', kind: 'gauge', help: '1 if pages of different NUMA nodes are merged' },
      ksm_pages_shared: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Merged pages in use' },
      ksm_pages_sharing: {
        type: 'int',
        unit: 'pages',
        kind: 'gauge',
        help: 'Additional mappings of merged pages: pages saved',
      },
      ksm_pages_to_scan: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Pages scanned before each sleep' },
      ksm_pages_unshared: {
        type: 'int',
        unit: 'pages',
        kind: 'gauge',
        help: 'Unique pages repeatedly checked for merging',
      },
      ksm_pages_volatile: {
        type: 'int',
        unit: 'pages',
        kind: 'gauge',
        help: 'Pages that change too fast to merge',
      },
      ksm_run: { type: 'int', kind: 'gauge', help: '0 stopped, 1 running, 2 stopped with all pages unmerged' },
      ksm_sleep_millisecs: { type: 'int', unit: 'ms', kind: 'gauge', help: 'Sleep between scans' },
      ksm_stable_node_chains: {
        type: 'int',
        unit: 'chains',
        kind: 'gauge',
        help: 'Pages that reached max_page_sharing',
      },
      ksm_stable_node_chains_prune_millisecs: {
        type: 'int',
        unit: 'ms',
        kind: 'gauge',
        help: 'Interval of chain checks',
      },
      ksm_stable_node_dups: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Page copies held by the chains' },
      ksm_use_zero_pages: { type: 'int', kind: 'gauge', help: '1 if empty pages are merged with the zero page' },
    },
  },
  pressure: {
    help: 'Time that tasks were stalled waiting for a resource (PSI)',
    tags: {
      resource: 'cpu, memory or io',
      type: 'some (at least one task stalled) or full (all tasks stalled; not for cpu)',
    },
    fields: {
      avg10: { type: 'float', unit: 'percent', help: 'Share of the last 10 seconds spent stalled' },
      avg60: { type: 'float', unit: 'percent', help: 'Share of the last 60 seconds spent stalled' },
      avg300: { type: 'float', unit: 'percent', help: 'Share of the last 300 seconds spent stalled' },
      total: { type: 'int', unit: 'us', kind: 'counter', help: 'Stall time since boot' },
    },
  },
} as const satisfies MetricCatalog;
