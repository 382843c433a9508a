import tseslint from 'typescript-eslint';

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
          message: 'Only end-process.ts ends the process.',
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
    files: ['web/**/*.{ts,tsx}'],
    rules: {
      ...budget,
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'AbortSignal', property: 'timeout', message: 'Deadlines come from a Clock: clock.signal(ms).' },
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [{ group: ['@grafana/*'], allowTypeImports: true, message: 'Only its types; it is not shipped.' }],
        },
      ],
    },
  },
  {
    files: [
      'src/cli.ts',
      'src/process.ts',
      'src/end-process.ts',
      'src/commands/**',
      'src/config/**',
      'src/core/clock.ts',
    ],
    rules: {
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
    },
  },
  {
    files: ['src/commands/**'],
    ignores: ['src/commands/print.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        {
          selector: "CallExpression[callee.property.name='write'][callee.object.property.name=/^(stdout|stderr)$/]",
          message: 'Text from outside must not reach the terminal as it is: print() of commands/print.ts.',
        },
        {
          selector:
            "CallExpression[callee.property.name='write'][callee.object.name=/^(stdout|stderr|stream|terminal)$/]",
          message: 'Text from outside must not reach the terminal as it is: print() of commands/print.ts.',
        },
      ],
    },
  },
  {
    files: ['test/**', 'bench/**', 'examples/**', 'scripts/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'no-console': 'off' },
  },
  { files: ['*.js', '**/*.mjs', '**/*.cjs'], ...tseslint.configs.disableTypeChecked },
  // winston declares its transports and formats as interfaces beside the classes that it asks for; an error of another
  // copy of a module is made on purpose.
  {
    files: ['src/logging/**', 'test/logging/**', 'test/alerts/notify/**'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
);
