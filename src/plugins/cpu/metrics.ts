import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  cpu: {
    tags: {
      cpu: 'cpu0, cpu1, … or cpu-total',
      core_id: 'Core within the socket (core_tags)',
      physical_id: 'Socket (core_tags)',
    },
    fields: {
      usage_user: { type: 'float', unit: 'percent', help: 'Share of time running programs, virtual machines apart' },
      usage_system: { type: 'float', unit: 'percent', help: 'Share of time in the kernel' },
      usage_idle: { type: 'float', unit: 'percent', help: 'Share of time doing nothing' },
      usage_nice: {
        type: 'float',
        unit: 'percent',
        help: 'Share of time running programs of lowered priority, virtual machines apart',
      },
      usage_iowait: { type: 'float', unit: 'percent', help: 'Share of time doing nothing while a disk was waited for' },
      usage_irq: { type: 'float', unit: 'percent', help: 'Share of time serving hardware interrupts' },
      usage_softirq: { type: 'float', unit: 'percent', help: 'Share of time serving soft interrupts' },
      usage_steal: {
        type: 'float',
        unit: 'percent',
        help: 'Share of time wanted, but the hypervisor ran something else',
      },
      usage_guest: { type: 'float', unit: 'percent', help: 'Share of time running virtual machines' },
      usage_guest_nice: {
        type: 'float',
        unit: 'percent',
        help: 'Share of time running virtual machines of lowered priority',
      },
      usage_active: {
        type: 'float',
        unit: 'percent',
        help: 'Share of time not idle; waiting for disks is counted here',
      },
      time_user: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot running programs, virtual machines included',
      },
      time_system: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot in the kernel' },
      time_idle: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot doing nothing' },
      time_nice: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot running programs of lowered priority, virtual machines included',
      },
      time_iowait: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot doing nothing while a disk was waited for',
      },
      time_irq: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot serving hardware interrupts' },
      time_softirq: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot serving soft interrupts' },
      time_steal: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot wanted, but the hypervisor ran something else',
      },
      time_guest: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot running virtual machines' },
      time_guest_nice: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot running virtual machines of lowered priority',
      },
      time_active: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot not idle; waiting for disks is counted here',
      },
    },
  },
} as const satisfies MetricCatalog;
