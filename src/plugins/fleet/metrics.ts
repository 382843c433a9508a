import type { MetricCatalog } from '../../plugin/index.ts';

export const metrics = {
  fleet_host: {
    help: 'The hosts that have joined this hub, with the tags of each, and plain writers',
    tags: {
      host: 'Name of the host',
      host_id: 'Its id, which stays when it is renamed',
      kind: '`agent`, or `writer` for a host without an agent that writes to a listener',
      '*': 'Tags of the host',
    },
    fields: {
      up: { type: 'int', help: '1 while the hub hears the host, otherwise 0' },
      down: { type: 'int', help: '1 while the host is down; of writers only with `hub.writers: alert`' },
      unreachable: { type: 'int', help: '1 while most hosts of its site are silent, so that the host may be up' },
      stopped: { type: 'int', help: '1 after its agent has stopped and said so' },
      silent: { type: 'float', unit: 's', help: 'Time since its last message' },
      clock_offset: { type: 'float', unit: 's', help: "The hub's clock minus the host's" },
      lines_received: { type: 'int', unit: 'lines', kind: 'counter', help: 'Lines received' },
      lines_missing: {
        type: 'int',
        unit: 'lines',
        help: 'Lines that the host has made and not sent yet, before newer ones',
      },
      lines_lost: {
        type: 'int',
        unit: 'lines',
        kind: 'counter',
        help: 'Lines that the host has lost before it could send them',
      },
      lines_pending: { type: 'int', unit: 'lines', help: 'Lines that wait on the host' },
    },
  },
  fleet_site: {
    help: 'The places of hosts: the values of the tag that hub.site_tag names',
    tags: { site: 'The place; `fleet` for hosts without one' },
    fields: {
      hosts: { type: 'int', unit: 'hosts', help: 'Hosts that should be heard' },
      silent: { type: 'int', unit: 'hosts', help: 'Of them, those that are not' },
      is_lost: { type: 'int', help: '1 while most of them are silent' },
    },
  },
} as const satisfies MetricCatalog;
