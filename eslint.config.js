// @ts-check
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom; docs/architecture.md says why. All may import `common`. `types`: rooms of which only types may be
 * imported. `packages`: what no other room may import.
 *
 * @type {Record<string, { path: string, may: string[], types?: string[], packages?: string[] }>}
 */
const rooms = {
  common: { path: 'src/common', may: [] },
  cli: {
    path: 'src/cli',
    may: ['screens', 'wizard', 'rollout', 'interop', 'sampling', 'azure', 'profiles', 'terminal'],
  },
  screens: { path: 'screens', may: ['wizard', 'rollout', 'terminal'], types: ['azure'] },
  wizard: {
    path: 'src/wizard',
    may: ['rollout', 'sampling', 'interop', 'profiles', 'terminal'],
    types: ['azure'],
  },
  rollout: { path: 'src/rollout', may: ['sampling'], types: ['azure'] },
  interop: { path: 'src/interop', may: ['rollout', 'sampling'], types: ['azure'] },
  sampling: { path: 'src/sampling', may: [] },
  azure: {
    path: 'src/azure',
    may: [],
    packages: ['@azure/*', 'undici', 'https-proxy-agent'],
  },
  profiles: { path: 'src/profiles', may: [], types: ['azure'], packages: ['conf'] },
  terminal: { path: 'src/terminal', may: [], types: ['azure'] },
  sandbox: {
    path: 'src/sandbox',
    may: [],
    packages: ['@peculiar/x509', 'azurite', 'fastify', 'onnxruntime-web'],
  },
};

const policies = [
  { allow: { to: { module: { origin: ['external', 'core'] } } } },
  ...Object.entries(rooms).flatMap(([room, { may, types = [], packages = [] }]) => [
    {
      from: { element: { type: room } },
      allow: { to: { element: { types: { anyOf: [room, 'common', ...may] } } } },
    },
    {
      from: { element: { type: room } },
      allow: { to: { element: { types: { anyOf: types } } }, dependency: { kind: 'type' } },
    },
    ...(packages.length === 0
      ? []
      : [
          {
            from: { element: { type: `!${room}` } },
            disallow: { to: { module: { origin: 'external', source: packages } } },
            message: `Only ${room} may import {{ to.module.source }}`,
          },
        ]),
  ]),
  // The sandbox is a server: what it does is reached over the wire, and started by its command.
  {
    from: { file: { categories: 'sandbox-command' } },
    allow: { to: { element: { type: 'sandbox' } } },
  },
  {
    from: { element: { type: '!(screens|terminal)' } },
    disallow: { to: { module: { origin: 'external', source: ['ink', 'ink-*', 'react'] } } },
    message: 'Only screens and terminal may import {{ to.module.source }}',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'samples/', 'coverage/', 'test-output/', '.venv/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // A handler may be async only so that what it throws becomes a rejection.
      '@typescript-eslint/require-await': 'off',
      // Contracts are written as methods, and destructured.
      '@typescript-eslint/unbound-method': 'off',
      // What a service answers is unknown until it is made text.
      '@typescript-eslint/no-base-to-string': 'off',
      // Taking control characters out of text means naming them.
      'no-control-regex': 'off',
      // What was caught is passed on as it is.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      eqeqeq: 'error',
    },
  },
  {
    // Answers of the wire are looked into freely where a wrong guess fails the test.
    files: ['test/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // A fixed number of milliseconds is too short on some machine; see test/support/patience.ts.
    files: ['test/**/*.{ts,tsx}'],
    ignores: ['test/support/eventually.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "MemberExpression[object.name='vi'][property.name=/^waitFor|^waitUntil/], MemberExpression[object.name='expect'][property.name='poll']",
          message: 'Wait with `eventually`: its deadline suits the machine.',
        },
        {
          selector:
            ":matches(CallExpression[callee.name=/^(?:before|after)(?:All|Each)$|^(?:it|test|describe|journey)$/], CallExpression[callee.object.name=/^(?:it|test|describe)$/], CallExpression[callee.callee.object.name=/^(?:it|test|describe)$/]) > :matches(Literal[raw=/^\\d/], ObjectExpression > Property[key.name='timeout'] > Literal)",
          message: 'The deadline of vitest.config.ts suits the machine; a number does not.',
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'screens/**/*.{ts,tsx}'],
    plugins: { boundaries },
    settings: {
      'import/resolver': {
        [fileURLToPath(new URL('scripts/resolve-ts.cjs', import.meta.url))]: {},
      },
      'boundaries/dependency-nodes': ['import', 'export', 'dynamic-import', 'require'],
      'boundaries/elements': Object.entries(rooms).map(([type, { path }]) => ({
        type,
        pattern: path,
      })),
      'boundaries/files': [{ category: 'sandbox-command', pattern: 'src/cli/sandbox.ts' }],
      'boundaries/ignore': ['src/main.ts'],
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        { default: 'disallow', checkAllOrigins: true, policies },
      ],
      'boundaries/no-unknown-files': 'error',
    },
  },
  {
    files: ['screens/**/*.{ts,tsx}', 'src/terminal/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
    },
  },
  // What Ink draws, a stray line would break.
  {
    files: ['screens/**/*.{ts,tsx}', 'src/{wizard,rollout,azure,interop,sampling}/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        performance: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { globals: { require: 'readonly', exports: 'writable' } },
  },
);
