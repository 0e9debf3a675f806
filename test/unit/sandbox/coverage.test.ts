/** docs/sandbox-coverage.md says what the program serves, no more and no less. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { armRoutes } from '../../../src/sandbox/arm/index.js';
import { conditionNames } from '../../../src/sandbox/conditions.js';
import { mlflowRoutes } from '../../../src/sandbox/mlflow/index.js';

const text = readFileSync(new URL('../../../docs/sandbox-coverage.md', import.meta.url), 'utf8');
const SHORT = {
  SUB: '/subscriptions/{subscription}',
  GROUP: 'SUB/resourceGroups/{group}',
  ML: 'providers/Microsoft.MachineLearningServices',
  WS: 'GROUP/ML/workspaces/{workspace}',
  ENDPOINT: 'WS/onlineEndpoints/{endpoint}',
  DEPLOYMENT: 'ENDPOINT/deployments/{deployment}',
  REGISTRY: 'GROUP/ML/registries/{registry}',
} as const;

function section(heading: string): string {
  return text.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
}

/** First and second column of the rows of a table. */
function rows(heading: string): [string, string][] {
  return [...section(heading).matchAll(/^\| `([^`]+)` \| ([^|]*) \|/gm)].map(
    ([, first, second]) => [first!, second!.trim()],
  );
}

function requests(heading: string): string[] {
  return rows(heading).flatMap(([path, methods]) =>
    methods.split(', ').map((method) => `${method} ${path}`),
  );
}

function inFull(path: string): string {
  const longer = path.replace(
    /\b(SUB|GROUP|ML|WS|ENDPOINT|DEPLOYMENT|REGISTRY)\b/g,
    (name) => SHORT[name as keyof typeof SHORT],
  );
  return longer === path ? path : inFull(longer);
}

it('every route of Resource Manager is in the table', () => {
  const served: string[] = [];
  armRoutes((method, path) => served.push(`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`));
  expect(requests('Resource Manager').map(inFull).sort()).toEqual(served.sort());
});

it("every route of MLflow's API is in the table", () => {
  const served: string[] = [];
  mlflowRoutes((method, path) => served.push(`${method} ${path}`));
  expect(requests('MLflow').sort()).toEqual(served.sort());
});

it('every condition is in the table', () => {
  expect(rows('Conditions').map(([name]) => name)).toEqual(conditionNames());
});
