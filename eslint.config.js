import tseslint from 'typescript-eslint';

/** Who may import whom: folder → the import paths it must not use. Relative paths are as written in the files. */
const boundaries = [
  // The last entry that matches a file counts, so the general one comes first.
  {
    files: ['src/**'],
    ignores: ['src/cli.ts', 'src/commands/**'],
    forbid: ['/commands/', '/cli\\.ts$'],
    reason: 'commands are the composition; nobody imports them back',
  },
  {
    files: ['src/core/**'],
    forbid: ['^\\.\\./', '^node:(?!util$|zlib$|buffer$)'],
    reason: 'core has no I/O and imports no other folder',
  },
  {
    files: ['src/core/*/**'],
    forbid: ['^\\.\\./\\.\\./', '^node:(?!util$|zlib$|buffer$)'],
    reason: 'core has no I/O and imports no other folder',
  },
  {
    files: ['src/{plugins,processors,outputs,notifiers}/*/**'],
    forbid: ['^\\.\\./(?!\\.\\./plugin\\.ts$|prometheus-(?:alert|names)\\.ts$)'],
    reason: 'a plugin imports ../../plugin.ts, its own folder, what its kind shares, and its own npm package',
  },
  { files: ['src/journal/**'], forbid: ['^\\.\\./(?!core/)'], reason: 'journal → core' },
  {
    files: ['src/config/**', 'src/registry/**'],
    forbid: ['^\\.\\./(agent|alerts(?!/(schema|settings)\\.ts$)|http|journal|commands|logging)/'],
    reason: 'config, registry → core, plugin types; config also asks alerts to check and compile their section',
  },
  {
    files: ['src/alerts/*.ts'],
    forbid: ['^\\.\\./(?!core/|plugin\\.ts$)'],
    reason: 'alerts → core, plugin types',
  },
  {
    files: ['src/alerts/*/**'],
    forbid: ['^\\.\\./\\.\\./(?!core/|plugin\\.ts$)'],
    reason: 'alerts → core, plugin types',
  },
  {
    files: ['src/http/**'],
    forbid: ['^\\.\\./(?!core/|plugin\\.ts$|alerts/(control|store/history-filter)\\.ts$)'],
    reason: 'http → core, plugin types, and what can be asked of alerts',
  },
  {
    files: ['src/grafana/*.ts'],
    forbid: ['^\\.\\./(?!core/|plugin\\.ts$)'],
    reason: 'grafana → core, plugin types; commands hand it the catalogs',
  },
  {
    files: ['src/grafana/*/**'],
    forbid: ['^\\.\\./\\.\\./(?!core/|plugin\\.ts$)'],
    reason: 'grafana → core, plugin types; commands hand it the catalogs',
  },
  {
    files: ['src/agent/**'],
    forbid: ['^\\.\\./(commands|http|logging|registry)/'],
    reason: 'agent → journal, core, plugin types',
  },
];

const budget = {
  'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 12],
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Interfaces are implemented by closures here, which have no `this` to lose.
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      ...budget,
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'The environment is read in config/ and commands/.',
        },
        {
          selector: "MemberExpression[object.name='process'][property.name='exit']",
          message: 'Only cli.ts ends the process.',
        },
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'Time comes from a Clock.',
        },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time comes from a Clock.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [{ group: ['@grafana/*'], allowTypeImports: true, message: 'Only its types; it is not shipped.' }],
        },
      ],
    },
  },
  {
    files: ['src/cli.ts', 'src/commands/**', 'src/config/**', 'src/core/clock.ts'],
    rules: {
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
    },
  },
  {
    files: ['test/**', 'bench/**', 'examples/**', 'scripts/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'no-console': 'off' },
  },
  { files: ['*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  // winston declares its transports and formats as interfaces beside the classes that it asks for; an error of another
  // copy of a module is made on purpose.
  {
    files: ['src/logging/**', 'test/alerts/outbox/**'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  ...boundaries.map(({ files, ignores, forbid, reason }) => ({
    files,
    ...(ignores === undefined ? {} : { ignores }),
    rules: { [`no-restricted-imports`]: ['error', { patterns: forbid.map((regex) => ({ regex, message: reason })) }] },
  })),
);
