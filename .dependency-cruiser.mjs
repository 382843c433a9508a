/**
 * The rooms of `src/` and who may import whom, checked by `npm run check:rooms`. Type imports count as well. There are no
 * circles.
 */

/** Where the parts say how they do. */
const STATES = [
  'alerts/control\\.ts$',
  'deliver/(output-status|letter-counts)\\.ts$',
  'gather/input-status\\.ts$',
  'history/access\\.ts$',
  'journal/journal\\.ts$',
];

/** Room → what it may import besides itself. `core` is the ground floor; a room imports only from floors below its own. */
const ROOMS = {
  core: [],
  metric: ['core'],
  plugin: ['core', 'metric'],
  journal: ['core', 'metric'],
  host: ['core', 'metric', 'plugin', 'api/hub-(protocol|alerts)\\.ts$'],
  logging: ['core', 'plugin'],
  gather: ['core', 'metric', 'plugin', 'host'],
  deliver: ['core', 'metric', 'plugin', 'journal', 'host'],
  alerts: ['core', 'metric', 'plugin', 'host', 'api/(hub-alerts|why)\\.ts$'],
  history: ['core', 'metric', 'plugin', 'journal', 'host'],
  hub: ['core', 'metric', 'plugin', 'journal/record\\.ts$', 'host', 'api'],
  findings: ['core', 'metric', 'plugin', 'host', 'api', ...STATES],
  api: ['core', 'plugin'],
  status: ['core', 'metric', 'plugin', 'host', 'api', ...STATES],
  server: [
    'core',
    'metric',
    'plugin',
    'host',
    'api',
    'findings',
    'history/access\\.ts$',
    'gather/live\\.ts$',
    'hub/control\\.ts$',
    'alerts/control\\.ts$',
    'alerts/store/history-filter\\.ts$',
  ],
  grafana: ['core', 'metric', 'plugin'],
  plugins: ['plugin/index\\.ts$'],
  processors: ['plugin/index\\.ts$'],
  outputs: ['plugin/index\\.ts$'],
  notifiers: ['plugin/index\\.ts$'],
  service: [],
  registry: ['core', 'plugin', 'plugins', 'processors', 'outputs', 'notifiers', 'testing\\.ts$'],
  config: [
    'core',
    'metric',
    'plugin',
    'registry',
    '(host|gather|deliver|alerts)/entry\\.ts$',
    '(journal|history|hub|logging|alerts|server)/settings\\.ts$',
    'alerts/schema\\.ts$',
  ],
  terminal: [
    'core',
    'metric',
    'plugin',
    'host',
    'gather',
    'api',
    'server/(client|event-stream)\\.ts$',
    'alerts/control\\.ts$',
  ],
  agent: [
    'core',
    'metric',
    'plugin',
    'journal',
    'host',
    'gather',
    'deliver',
    'alerts',
    'history',
    'hub',
    'findings',
    'api',
    'status',
    'server',
    'config/config\\.ts$',
  ],
};

/** A path that may be imported, as a pattern: a whole room, or one file. */
const pattern = (name) => (name.endsWith('$') ? `^src/${name}` : `^src/${name}/`);

const floors = Object.entries(ROOMS).map(([room, below]) => ({
  name: `${room} imports ${below.length === 0 ? 'nothing else' : 'only what is below it'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: [room, ...below].map(pattern) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...floors,
    {
      name: 'no circles',
      severity: 'error',
      from: { path: '^(src|web)/' },
      to: { circular: true },
    },
    {
      name: 'plugins never import each other',
      comment: 'What plugins of one kind share is a file beside their folders.',
      severity: 'error',
      from: { path: '^src/(plugins|processors|outputs|notifiers)/([^/]+)/' },
      to: { path: '^src/$1/[^/]+/', pathNot: '^src/$1/$2/' },
    },
    {
      name: 'commands are the composition',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/((cli|process)\\.ts$|commands/)' },
      to: { path: '^src/((cli|process)\\.ts$|commands/)' },
    },
    {
      name: 'core, metric and plugin do no I/O',
      severity: 'error',
      from: { path: '^src/(core|metric|plugin)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(util|zlib|buffer)$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
