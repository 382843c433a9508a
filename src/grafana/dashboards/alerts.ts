import type { DashboardDefinition, Tile } from '../definition.ts';

import { ALERTS_FIRING, HOST } from './parts.ts';

const LEVELS = { critical: 'Critical', warning: 'Warning', info: 'Info' } as const;

const counts = Object.entries(LEVELS).map(([level, title]): Tile => ({
  type: 'tile',
  title,
  width: 8,
  line: { ...ALERTS_FIRING, by: [], where: [{ tag: 'level', is: level }] },
  help: 'How many fire',
  unit: 'none',
  ...(level === 'critical' ? { limits: [1, 1] } : level === 'warning' ? { limits: [1] } : {}),
  noValue: '0',
}));

export const alerts: DashboardDefinition = {
  name: 'alerts',
  title: 'Alerts',
  description: 'What the rules of healthd say now, and what they said',
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
            // What tells alerts of a rule apart, as far as our own rules go.
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
          title: 'When what fired',
          // Not the greatest of a step: its end would be lost with it, and what is over would go on.
          line: { field: 'healthd_alert.firing', reduce: 'last', across: 'max', by: ['host', 'rule', 'level'] },
          states: { 0: { text: 'pending or over', color: 'green' }, 1: { text: 'firing', color: 'red' } },
        },
        {
          type: 'trend',
          title: 'Firing, by level',
          lines: [{ ...ALERTS_FIRING, by: ['level'] }],
          width: 24,
          unit: 'none',
          min: 0,
        },
        {
          type: 'rows',
          title: 'History',
          help: 'What began, got better or worse and ended, who was told and who was not, and why',
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
