import type { DashboardDefinition, Tile } from '../definition.ts';

import { HOST } from './host-variable.ts';
import { ALERTS_FIRING } from './lines.ts';

const LEVELS = { critical: 'Critical', warning: 'Warning', info: 'Info' } as const;

const counts = Object.entries(LEVELS).map(([level, title]): Tile => ({
  type: 'tile',
  title,
  width: 8,
  line: { ...ALERTS_FIRING, by: [], where: [{ tag: 'level', is: level }] },
  help: 'Firing alerts of this level',
  unit: 'none',
  ...(level === 'critical' ? { limits: [1, 1] } : level === 'warning' ? { limits: [1] } : {}),
  noValue: '0',
}));

export const alerts: DashboardDefinition = {
  name: 'alerts',
  title: 'Alerts',
  description: 'Alerts of healthd: firing now, and their history',
  variables: [HOST, { name: 'rule', label: 'Rule', tag: 'rule', from: 'healthd_alert.firing' }],
  sections: [
    {
      panels: [
        ...counts,
        {
          type: 'rows',
          title: 'Firing',
          query: {
            measurement: 'healthd_alert',
            tags: ['host', 'rule', 'level'],
            fields: ['firing', 'value', 'threshold', 'active_s', 'summary'],
            where: [],
            points: { newestWhere: 'firing' },
          },
          units: { active_s: 'dtdurations' },
          titles: { threshold: 'Limit', active_s: 'For' },
          withoutText: {
            type: 'table',
            title: 'Firing',
            // The tags that identify alerts of the built-in rules.
            keys: {
              host: 'Host',
              rule: 'Rule',
              level: 'Level',
              path: 'Path',
              name: 'Name',
              interface: 'Interface',
              container_name: 'Container',
              sensor: 'Sensor',
              receiver: 'Receiver',
              alias: 'Alias',
            },
            onlyWhereFirst: true,
            columns: [
              { title: 'Firing', line: { field: 'healthd_alert.firing', reduce: 'now' } },
              { title: 'Value', line: { field: 'healthd_alert.value', reduce: 'now' } },
              { title: 'Limit', line: { field: 'healthd_alert.threshold', reduce: 'now' } },
              { title: 'For', line: { field: 'healthd_alert.active_s', reduce: 'now' }, unit: 'dtdurations' },
            ],
          },
        },
        {
          type: 'timeline',
          title: 'Firing over time',
          // Not the maximum of a step: it would hide the end of an alert.
          line: { field: 'healthd_alert.firing', reduce: 'last', across: 'max', by: ['host', 'rule', 'level'] },
          states: { 0: { text: 'pending or resolved', color: 'green' }, 1: { text: 'firing', color: 'red' } },
        },
        {
          type: 'trend',
          title: 'Firing by level',
          lines: [{ ...ALERTS_FIRING, by: ['level'] }],
          width: 24,
          unit: 'none',
          min: 0,
        },
        {
          type: 'rows',
          title: 'History',
          help: 'Transitions of alerts, and notifications sent or suppressed, with the reason',
          height: 14,
          query: {
            measurement: 'healthd_alert_event',
            tags: ['host', 'rule', 'level', 'kind', 'reason', 'receiver'],
            fields: ['message', 'by'],
            where: [],
            points: { all: 500 },
          },
        },
      ],
    },
  ],
};
