/** A hub of two teams: all that belongs to the bank has "bank" in it, the agent's own host too. */
import type { AlertControl, ListedAlert, ListedSilence } from '../../src/alerts/control.ts';
import type { EventInfo, Finding, HostInfo } from '../../src/api/host.ts';
import type { KnownAlert, WhyAnswer } from '../../src/api/why.ts';
import type { InventoryReport } from '../../src/api/inventory-report.ts';
import type { LivePoints } from '../../src/gather/live.ts';
import type { HistoryAccess, HistoryEvent, KnownSet } from '../../src/history/access.ts';
import type { Metric } from '../../src/metric/metric.ts';
import type { AuditEntry } from '../../src/plugin/index.ts';
import type { RuleBook } from '../../src/server/rule-book.ts';
import type { Sources } from '../../src/server/sources.ts';
import { HubScene } from '../hub/hub-kit.ts';
import { diskAlert } from '../support/kit/sample-alerts.ts';

export interface Teams {
  readonly scene: HubScene;
  readonly sources: Partial<Sources>;
  /** What was asked of the alerts, and what the audit log got. */
  readonly asked: unknown[];
  close(): Promise<void>;
}

const listed = (host: string): ListedAlert => ({ alert: diskAlert(host), state: 'firing', suppressed: [] });

const silence = (id: string, match: ListedSilence['match']): ListedSilence => ({
  id,
  match,
  until: 2,
  comment: `about ${JSON.stringify(match)}`,
  by: 'ann',
  state: 'active',
  isConfigured: false,
});

const RULES: RuleBook = {
  inForce: () =>
    Promise.resolve({
      rules: [
        {
          id: 'disk_space',
          unit: '%',
          limits: {},
          for: 0,
          compared: {
            field: 'disk.used_percent',
            isRate: false,
            series: ['disk.used_percent', 'disk.used_percent{host=bank-db1}', 'disk.used_percent{host=shop-web1}'],
          },
        },
      ],
    }),
  preview: () => Promise.resolve({ problems: [] }),
  write: () => Promise.resolve({ file: 'page.yaml' }),
};

const REPORT: InventoryReport = {
  ...{ os: 'Debian', kernel: '6.12.41', arch: 'x64', cores: 2, memoryBytes: 1024, timeZone: 'UTC', virtualisation: '' },
  ...{ isRebootPending: null, version: '0.0.0', tags: {}, addresses: [], inputs: [], sections: [] },
};

export async function openTeams(): Promise<Teams> {
  const scene = await HubScene.open();
  const shop = scene.host('shop-web1', { team: 'shop' });
  const bank = scene.host('bank-db1', { team: 'bank' });
  const hub = scene.part.control!;
  for (const { session } of [shop, bank]) scene.part.intake!.session(session).inventory(REPORT);
  const ids = { shop: hub.host('shop-web1')!.id, bank: bank.id };
  const asked: unknown[] = [];
  const alerts = alertsOf(asked);
  const events: EventInfo[] = [
    { at: 1, kind: 'unit', level: 'critical', title: 'bank-hub has lost its unit' },
    ...alerts.alerts().map(({ alert }): EventInfo => {
      const { fingerprint, summary } = alert;
      return { at: 1, kind: 'alert', level: 'critical', title: summary, alert: fingerprint };
    }),
  ];
  const findings = findingsOf(alerts.alerts());
  return {
    scene,
    asked,
    sources: {
      hub: () => scene.part.control,
      intake: () => scene.part.intake,
      host: () => OWN,
      hostTag: () => 'bank-hub',
      alerts: () => alerts,
      rules: () => RULES,
      history: () => historyOf(ids, events),
      live: () => ({
        recent: (after) => (after < 1 ? [POINTS] : []),
        watch: ({ onPoints, onProcesses }) => {
          const timer = setInterval(() => {
            onPoints(POINTS);
            onProcesses(FRAME);
          }, 20);
          return () => {
            clearInterval(timer);
          };
        },
      }),
      onEvent: (listener) => {
        const timer = setInterval(() => {
          for (const event of events) listener(event);
        }, 20);
        return () => {
          clearInterval(timer);
        };
      },
      findings: () => findings,
      freshFindings: () => Promise.resolve(findings),
      agent: () => Promise.resolve(AGENT),
      inventory: () => Promise.resolve({ at: 1, sections: [{ title: 'System', rows: [['Name', 'bank-hub']] }] }),
      log: () => [{ at: 1, level: 'info', source: 'hub', message: 'bank-db1 has joined' }],
      config: () => 'agent: { hostname: bank-hub }',
    },
    close: () => scene.close(),
  };
}

function alertsOf(asked: unknown[]): AlertControl {
  const alerts = [listed('shop-web1'), listed('bank-db1')];
  const silences = [
    silence('shop', { host: 'shop-web1' }),
    silence('bank', { host: ['bank-db1'] }),
    silence('both', { host: ['shop-web1', 'bank-db1'] }),
    silence('all', { rule: 'bank_balance' }),
    silence('glob', { host: '*', team: 'bank' }),
  ];
  const entries = alerts.map(({ alert: { fingerprint, host } }): AuditEntry => ({
    at: 1,
    kind: 'transition',
    reason: 'fired',
    fingerprint,
    host,
  }));
  const noted =
    <Answer>(what: string, answer: Answer) =>
    (...args: readonly unknown[]) => {
      asked.push([what, ...args]);
      return answer;
    };
  const known = alerts.map(({ alert: { fingerprint, rule, host, summary } }) => ({
    ...{ fingerprint, rule, host, summary, state: 'firing' as const, at: 1 },
  }));
  return {
    alerts: () => alerts,
    known: () => known,
    why: (prefix) => Promise.resolve(whyText(known.find((each) => [each.fingerprint, each.host].includes(prefix))!)),
    windows: () => [{ rule: 'bank_rule', series: 1, covered: 1, needed: 2 }],
    history: ({ fingerprint, limit }) =>
      [...entries, { at: 1, kind: 'agent', reason: 'bank', by: 'ann' } satisfies AuditEntry]
        .filter((entry) => fingerprint === undefined || entry.fingerprint === fingerprint)
        .slice(0, limit),
    silences: () => silences,
    silence: noted('silence', silences[0]!),
    expireSilence: noted('expire', silences[0]!),
    acknowledge: noted('ack', alerts[0]!),
    withdrawAck: noted('withdraw', alerts[0]!),
    resolve: noted('resolve', alerts[0]!.alert),
    receivers: () => [
      { name: 'team', waiting: 0, oldestMs: 0, sent: 0, failed: 1, trouble: 'bank.example.org refuses', failingMs: 1 },
    ],
    audience: () => [{ path: ['all'], receivers: ['bank-team'], isMuted: false, later: [] }],
    ruleWritten: noted('rule', undefined),
    acted: noted('acted', undefined),
  };
}

function whyText({ fingerprint, rule, host, summary }: KnownAlert): WhyAnswer {
  const hop = { role: 'hub', name: 'hub' } as const;
  const about = { fingerprint, rule, host, summary, state: 'firing' } as const;
  return {
    now: 1,
    hop,
    owner: hop,
    ...about,
    receivers: [],
    steps: [],
    hasEarlier: false,
    says: [`Nobody of ${host}.`],
  };
}

function findingsOf(alerts: readonly ListedAlert[]) {
  const findings = [
    {
      id: 'unit:bank',
      level: 'critical',
      sentence: ['A unit of bank-hub has failed.'],
      evidence: '',
      since: 1,
    } as const,
    ...alerts.map(({ alert: { fingerprint, rule, summary } }): Finding => ({
      id: fingerprint,
      level: 'critical',
      sentence: [summary],
      evidence: '',
      since: 1,
      alert: { fingerprint, rule },
    })),
  ];
  return { at: 1, findings, fine: 3 };
}

function historyOf(ids: { readonly shop: string; readonly bank: string }, events: readonly EventInfo[]): HistoryAccess {
  const known = (host: string, tags: Readonly<Record<string, string>>): KnownSet => ({
    set: { host, name: 'disk', tags },
    fields: [{ name: 'used_percent', type: 'float' }],
    lastAt: 1,
  });
  const sets = [
    known('', { path: '/bank' }),
    known(ids.shop, { path: '/' }),
    known(ids.bank, { path: '/bank' }),
    known('', { host: 'bank-telegraf' }),
    ...[ids.shop, ids.bank].map((host): KnownSet => ({
      set: { host, name: 'system', tags: {} },
      fields: [{ name: 'load1', type: 'float' }],
      lastAt: 1,
    })),
  ];
  const answers: Partial<HistoryAccess> = {
    sets: () => Promise.resolve(sets),
    query: (fields, functions, { from, step }) =>
      Promise.resolve({ from, step, values: fields.map(() => functions.map(() => new Float64Array(1))) }),
    usual: () => Promise.resolve({ low: new Float64Array(1), high: new Float64Array(1) }),
    changes: () =>
      Promise.resolve({
        compared: sets.length,
        changes: sets.map(({ set }) => ({
          of: { set, field: 'used_percent' },
          before: 1,
          after: 2,
          factor: 2,
          score: 1,
          spark: new Float64Array(1),
        })),
      }),
    processesAt: (at) => Promise.resolve({ ...FRAME, at }),
    events: () => Promise.resolve(events as readonly HistoryEvent[]),
    flush: () => Promise.resolve(),
  };
  return answers as HistoryAccess;
}

const metric = (host: string): Metric => ({
  name: 'disk',
  tags: { host, path: `/${host}` },
  fields: { used_percent: 1 },
  time: 1n,
});

const POINTS: LivePoints = { at: 1, metrics: ['bank-hub', 'shop-web1', 'bank-db1'].map(metric) };

const FRAME = {
  at: 1,
  total: 1,
  processes: [{ pid: 1, name: 'bankd', user: 'root', unit: 'bank.service', cpu: 1, memory: 1, read: 0, written: 0 }],
};

const OWN: HostInfo = {
  id: 'own',
  name: 'bank-hub',
  os: 'Debian',
  kernel: '6.1',
  arch: 'x64',
  cores: 1,
  memoryBytes: 1,
  bootedAt: 1,
  addresses: [],
  tags: { team: 'bank' },
  timeZone: 'UTC',
  agent: { version: '0.1.0', startedAt: 1, intervalMs: 10_000 },
};

const AGENT = {
  version: '0.1.0',
  pid: 1,
  startedAt: 1,
  configFiles: ['/etc/bank.yaml'],
  stateDirectory: '/var/lib/bank',
  inputs: [],
  outputs: [],
  journal: { diskBytes: 0, memoryBytes: 0, segments: 0, isDegraded: false },
  history: null,
  deadLetters: [],
  receivers: [],
  memoryBytes: 1,
  cpu: 1,
};
