import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  kernel: {
    kind: 'counter',
    fields: {
      boot_time: {
        type: 'int',
        unit: 's',
        kind: 'gauge',
        help: 'When the kernel started, seconds since the Unix epoch',
      },
      context_switches: { type: 'int', unit: 'switches', help: 'Context switches since boot' },
      interrupts: { type: 'int', unit: 'interrupts', help: 'Interrupts served since boot' },
      processes_forked: { type: 'int', unit: 'processes', help: 'Processes and threads created since boot' },
      entropy_avail: { type: 'int', unit: 'bits', kind: 'gauge', help: 'Entropy of the random number generator' },
      disk_pages_in: { type: 'int', unit: 'pages', help: 'Read from disks since boot (kernels before 2.6)' },
      disk_pages_out: { type: 'int', unit: 'pages', help: 'Written to disks since boot (kernels before 2.6)' },
      ksm_full_scans: { type: 'int', unit: 'scans', help: 'How often all mergeable memory was scanned' },
      ksm_general_profit: {
        type: 'int',
        unit: 'bytes',
        kind: 'gauge',
        help: 'Memory that merging saves, its cost deducted',
      },
      ksm_max_page_sharing: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Most users of one merged page' },
      ksm_merge_across_nodes: { type: 'int', kind: 'gauge', help: '1 if pages of different NUMA nodes are merged' },
      ksm_pages_shared: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Merged pages in use' },
      ksm_pages_sharing: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Places that share them: what is saved' },
      ksm_pages_to_scan: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Pages scanned before each sleep' },
      ksm_pages_unshared: {
        type: 'int',
        unit: 'pages',
        kind: 'gauge',
        help: 'Unique pages that are checked again and again',
      },
      ksm_pages_volatile: {
        type: 'int',
        unit: 'pages',
        kind: 'gauge',
        help: 'Pages that change too fast to be merged',
      },
      ksm_run: { type: 'int', kind: 'gauge', help: '0 stopped, 1 running, 2 stopped and everything unmerged' },
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
        help: 'How often chains are checked',
      },
      ksm_stable_node_dups: { type: 'int', unit: 'pages', kind: 'gauge', help: 'Copies held by the chains' },
      ksm_use_zero_pages: { type: 'int', kind: 'gauge', help: '1 if empty pages are merged with the zero page' },
    },
  },
  pressure: {
    help: 'Time that tasks lost waiting for a resource',
    tags: {
      resource: 'cpu, memory or io',
      type: 'some (at least one task waited) or full (all did; not for cpu)',
    },
    fields: {
      avg10: { type: 'float', unit: 'percent', help: 'Share of the last 10 seconds' },
      avg60: { type: 'float', unit: 'percent', help: 'Share of the last 60 seconds' },
      avg300: { type: 'float', unit: 'percent', help: 'Share of the last 300 seconds' },
      total: { type: 'int', unit: 'us', kind: 'counter', help: 'Time lost since boot' },
    },
  },
} as const satisfies MetricCatalog;
