import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  cpu: {
    tags: {
      cpu: 'cpu0, cpu1, … or cpu-total',
      core_id: 'Core within the socket (core_tags)',
      physical_id: 'Socket (core_tags)',
    },
    fields: {
      usage_user: { type: 'float', unit: 'percent', help: 'Share of time in user mode, excluding virtual machines' },
      usage_system: { type: 'float', unit: 'percent', help: 'Share of time in kernel mode' },
      usage_idle: { type: 'float', unit: 'percent', help: 'Share of time idle' },
      usage_nice: {
        type: 'float',
        unit: 'percent',
        help: 'Share of time running low-priority (nice) processes, excluding virtual machines',
      },
      usage_iowait: { type: 'float', unit: 'percent', help: 'Share of time idle while waiting for I/O' },
      usage_irq: { type: 'float', unit: 'percent', help: 'Share of time servicing hardware interrupts' },
      usage_softirq: { type: 'float', unit: 'percent', help: 'Share of time servicing soft interrupts' },
      usage_steal: {
        type: 'float',
        unit: 'percent',
        help: 'Share of time stolen by the hypervisor for other virtual machines',
      },
      usage_guest: { type: 'float', unit: 'percent', help: 'Share of time running virtual machines' },
      usage_guest_nice: {
        type: 'float',
        unit: 'percent',
        help: 'Share of time running low-priority (nice) virtual machines',
      },
      usage_active: {
        type: 'float',
        unit: 'percent',
        help: 'Share of time not idle, including I/O wait',
      },
      time_user: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot in user mode, including virtual machines',
      },
      time_system: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot in kernel mode' },
      time_idle: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot idle' },
      time_nice: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot running low-priority (nice) processes, including virtual machines',
      },
      time_iowait: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot idle while waiting for I/O',
      },
      time_irq: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot servicing hardware interrupts' },
      time_softirq: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot servicing soft interrupts' },
      time_steal: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot stolen by the hypervisor for other virtual machines',
      },
      time_guest: { type: 'float', unit: 's', kind: 'counter', help: 'Time since boot running virtual machines' },
      time_guest_nice: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot running low-priority (nice) virtual machines',
      },
      time_active: {
        type: 'float',
        unit: 's',
        kind: 'counter',
        help: 'Time since boot not idle, including I/O wait',
      },
    },
  },
} as const satisfies MetricCatalog;
