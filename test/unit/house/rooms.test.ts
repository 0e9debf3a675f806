/** The lint rule that keeps who imports whom really fails, and lets through what is meant to pass. */
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) => /^boundaries\//.test(ruleId),
  // These rules read no types, and the whole program's cost more than all snippets.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});

/** What the rule says when `file`, which exists, held only this text. */
async function complaints(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: `${root}${file}` });
  return result!.messages.map((message) => message.message);
}

describe('imports between rooms', () => {
  it.each([
    ['screens/app.tsx', "import '../src/interop/languages/az.js';"],
    ['screens/app.tsx', "import { connect } from '../src/azure/connect.js';"],
    ['screens/app.tsx', "import 'undici';"],
    ['src/wizard/reducer.ts', "import '../../screens/app.js';"],
    ['src/wizard/reducer.ts', "void import('../azure/connect.js');"],
    ['src/wizard/reducer.ts', "import 'ink';"],
    ['src/rollout/undo.ts', "import '../wizard/state.js';"],
    ['src/rollout/undo.ts', "export * from '../interop/languages/az.js';"],
    ['src/rollout/undo.ts', "import { AzureError } from '../azure/errors.js';"],
    ['src/rollout/undo.ts', "import type { TokenCredential } from '@azure/identity';"],
    ['src/rollout/undo.ts', "import 'react';"],
    ['src/azure/connect.ts', "import type { Change } from '../rollout/changes/change.js';"],
    ['src/sampling/mapping.ts', "import type { Model } from '../azure/types.js';"],
    ['src/terminal/size.ts', "import '../profiles/store.js';"],
    ['src/profiles/store.ts', "import '../terminal/size.js';"],
    ['src/sandbox/index.ts', "import '../azure/types.js';"],
    ['src/sandbox/index.ts', "import '@azure/storage-blob';"],
    ['src/common/hide-secrets.ts', "import '../terminal/size.js';"],
    ['src/cli/wizard.ts', "void import('../sandbox/serve.js');"],
    ['src/cli/wizard.ts', "import 'fastify';"],
  ])('%s may not: %s', async (file, text) => {
    expect(await complaints(file, text)).toHaveLength(1);
  });

  it.each([
    ['screens/app.tsx', "import 'ink'; import '../src/wizard/state.js';"],
    ['src/wizard/reducer.ts', "import '../rollout/undo.js'; import '../interop/languages/az.js';"],
    ['src/rollout/undo.ts', "import type { Model } from '../azure/types.js'; import 'node:fs';"],
    ['src/azure/connect.ts', "import '@azure/identity'; import 'undici'; import './types.js';"],
    ['src/sandbox/index.ts', "import '../common/hide-secrets.js';"],
    ['src/cli/sandbox.ts', "void import('../sandbox/serve.js');"],
  ])('%s may: %s', async (file, text) => {
    expect(await complaints(file, text)).toEqual([]);
  });
});
