import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { growth } from '../sampling/support.js';
import { discover } from '../../../src/interop/config-discovery.js';

const root = mkdtempSync(join(tmpdir(), 'aml-rollout-discover-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
/** A folder of its own with these files. */
function tree(files: Record<string, string>): string {
  count += 1;
  const folder = join(root, String(count));
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
const config = (workspace: string) =>
  JSON.stringify({ subscription_id: 's', resource_group: 'rg', workspace_name: workspace });
const none = { env: {}, home: join(root, 'nobody') };

describe('discovering a workspace', () => {
  it('walks upwards, a hidden folder before a plain file', () => {
    const at = tree({
      'config.json': config('far'),
      'a/config.json': config('plain'),
      'a/.azureml/config.json': config('hidden'),
      'a/b/c/x': '',
    });
    expect(discover({ ...none, cwd: join(at, 'a/b/c') }).found).toEqual([
      {
        from: join(at, 'a/.azureml/config.json'),
        subscriptionId: 's',
        resourceGroup: 'rg',
        workspaceName: 'hidden',
      },
    ]);
  });

  it('reads the scope of older files, and passes other files of that name over', () => {
    const Scope =
      '/subscriptions/S/resourceGroups/R/providers/Microsoft.MachineLearningServices/workspaces/W';
    const at = tree({
      'project.json': JSON.stringify({ Scope }),
      'a/config.json': '{"name": "something else"}',
      'a/.azureml/config.json': 'no json',
    });
    const { found, problems } = discover({ ...none, cwd: join(at, 'a') });
    expect(found).toMatchObject([{ subscriptionId: 'S', resourceGroup: 'R', workspaceName: 'W' }]);
    expect(problems).toEqual([expect.stringContaining('.azureml/config.json is not valid JSON')]);
  });

  it('reads the defaults of az, its subscription and cloud', () => {
    const at = tree({
      'home/.azure/config':
        '[cloud]\nname = AzureUSGovernment\n# x\n[defaults]\r\ngroup = rg-ml\r\nworkspace = ml-prod\r\n',
      'home/.azure/azureProfile.json': `\uFEFF${JSON.stringify({
        subscriptions: [{ id: 'a' }, { id: 'b', tenantId: 't', isDefault: true }],
      })}`,
    });
    const options = { cwd: tree({}), home: join(at, 'home') };
    expect(discover({ ...options, env: {} }).found).toEqual([
      {
        from: 'az defaults',
        subscriptionId: 'b',
        tenantId: 't',
        resourceGroup: 'rg-ml',
        workspaceName: 'ml-prod',
        cloud: 'usgov',
      },
    ]);
    const env = { AZURE_DEFAULTS_WORKSPACE: 'other', AZUREML_ARM_SUBSCRIPTION: 'e' };
    expect(discover({ ...options, env }).found).toMatchObject([
      { from: 'environment', subscriptionId: 'e' },
      { from: 'az defaults', workspaceName: 'other' },
    ]);
  });

  it('takes ten times as long for a line of ten times the blanks', async () => {
    const ofBlanks = (n: number) =>
      discover({
        ...none,
        cwd: tree({}),
        home: tree({ '.azure/config': `[defaults]\ngroup${' '.repeat(n)}x\n` }),
      });
    expect(await growth(20_000, ofBlanks)).toBeLessThan(40);
  });

  it('finds nothing where there is nothing', () => {
    expect(discover({ ...none, cwd: tree({}) })).toEqual({ found: [], problems: [] });
  });
});
