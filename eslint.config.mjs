import tseslint from 'typescript-eslint';
import noDefaultExport from './tools/lint-rules/no-default-export.mjs';
import noInheritedKey from './tools/lint-rules/no-inherited-key.mjs';
import noSwallowedFailure from './tools/lint-rules/no-swallowed-failure.mjs';
import noVagueName from './tools/lint-rules/no-vague-name.mjs';

const house = {
  rules: {
    'no-default-export': noDefaultExport,
    'no-inherited-key': noInheritedKey,
    'no-swallowed-failure': noSwallowedFailure,
    'no-vague-name': noVagueName,
  },
};

const ONLY_MAIN_EXITS = 'Only cli/main.ts ends the process and sets its exit code.';
const CORE_IS_PURE = 'core is pure: time, randomness, environment and network arrive as arguments.';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.tools/', 'coverage/', 'test/breaches/', '**/*.mjs', 'bin/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    plugins: { house },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'house/no-default-export': 'error',
      'house/no-inherited-key': 'error',
      'house/no-swallowed-failure': 'error',
      'house/no-vague-name': 'error',
      complexity: ['error', 15],
      'max-depth': ['error', 3],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: ONLY_MAIN_EXITS },
        { object: 'process', property: 'exitCode', message: ONLY_MAIN_EXITS },
      ],
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/core/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: CORE_IS_PURE },
        { name: 'fetch', message: CORE_IS_PURE },
        { name: 'setTimeout', message: CORE_IS_PURE },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: CORE_IS_PURE },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CORE_IS_PURE },
        { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: CORE_IS_PURE },
      ],
    },
  },
  { files: ['tools/**/*.test.ts'], rules: { '@typescript-eslint/no-unsafe-argument': 'off' } },
  { files: ['src/cli/main.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['*.config.ts', 'tools/**/*.ts'], rules: { 'house/no-default-export': 'off' } },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      complexity: 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      'house/no-swallowed-failure': 'off',
    },
  },
);
