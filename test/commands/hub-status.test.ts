/** `healthd hub status`, from what the routes answer. */
import { expect, test } from '@jest/globals';

import type { AgentAnswer } from '../../src/api/agent.ts';
import type { FleetAnswer, FleetHost } from '../../src/api/fleet.ts';
import { statusLines, summary } from '../../src/commands/hub/status.ts';

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;

function host(name: string, changes: Partial<FleetHost> = {}): FleetHost {
  return {
    id: name,
    kind: 'agent',
    name,
    formerNames: [],
    tags: {},
    presence: 'up',
    since: NOW - 5 * MINUTE,
    heardAt: NOW,
    joinedAt: 0,
    bootedAt: 0,
    addresses: [],
    version: '0.1.0',
    offsetMs: 0,
    isRevoked: false,
    clonedFrom: null,
    vitals: { cpu: null, memory: null, disk: null, load: null },
    ...changes,
    lines: { received: 1000, missing: 0, lost: 0, pending: 0, completeSince: null, ...changes.lines },
  };
}

const fleet: FleetAnswer = {
  hosts: [
    host('web1'),
    host('web2', { title: 'shop front', lines: { received: 5, missing: 7, lost: 2, pending: 3, completeSince: null } }),
    host('db1', { presence: 'down' }),
    host('db2', { offsetMs: -3000 }),
    host('old', { presence: 'down', isRevoked: true }),
  ],
  sites: [{ site: 'fra1', hosts: 5, silent: 4, isLost: true }],
  siteTag: 'site',
  now: NOW,
};
const token = (id: string, changes: object = {}) => ({
  id,
  tags: {},
  createdAt: 0,
  expiresAt: NOW + 5 * MINUTE,
  uses: 3,
  used: 1,
  ...changes,
});
const tokens = [token('abc'), token('gone', { expiresAt: NOW - 1 }), token('used', { used: 3 })];
const agent = {
  journal: { diskBytes: 1024 * 1024, memoryBytes: 0, segments: 1, isDegraded: false },
  history: null,
  outputs: [{ alias: 'influx', waitingLines: 12, error: 'refused' }],
} as unknown as AgentAnswer;

test('one screen has what is wrong, and leaves out what is not', () => {
  expect(statusLines({ fleet, tokens, agent })).toEqual([
    'Hosts        5: 3 up, 1 down, 1 revoked',
    '  down       db1 (5m)',
    'Lost sites   fra1',
    'Lines        4 005 received, 7 waiting, 2 lost',
    '  lost by    shop front',
    'Clocks off   db2',
    'Join tokens  abc (1/3, 5m left)',
    'Disk         journal 1 MiB, no history',
    'Outputs      influx: 12 lines waiting, refused',
  ]);
});

test('a hub without hosts says so', () => {
  const empty = { ...fleet, hosts: [], sites: [] };
  expect(statusLines({ fleet: empty, tokens: [], agent: { ...agent, outputs: [] } })).toEqual([
    'Hosts        0: none',
    'Lines        0 received, 0 waiting, 0 lost',
    'Join tokens  none',
    'Disk         journal 1 MiB, no history',
  ]);
});

test('the same as JSON', () => {
  expect(summary({ fleet, tokens, agent })).toMatchObject({
    hosts: { up: 3, down: 1, revoked: 1, pending: 0 },
    lostSites: ['fra1'],
    lines: { received: 4005, waiting: 7, lost: 2 },
    tokens: [{ id: 'abc' }],
  });
});
