/** Files of /sys/kernel/mm/ksm; field names have the prefix `ksm_`. The set of files depends on the kernel. */
export const KSM_FILES = [
  'full_scans',
  'general_profit',
  'max_page_sharing',
  'merge_across_nodes',
  'pages_shared',
  'pages_sharing',
  'pages_to_scan',
  'pages_unshared',
  'pages_volatile',
  'run',
  'sleep_millisecs',
  'stable_node_chains',
  'stable_node_chains_prune_millisecs',
  'stable_node_dups',
  'use_zero_pages',
] as const;

export type KsmFields = Readonly<Partial<Record<`ksm_${(typeof KSM_FILES)[number]}`, number>>>;
