import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { completePathCommand } from '../../../src/wizard/effects/complete-path.js';
import type { Context } from '../../../src/wizard/effects/world.js';
import { temporaryFolder } from '../../support/sandbox.js';

let cwd: string;
beforeAll(() => {
  cwd = temporaryFolder();
  mkdirSync(join(cwd, 'samples', 'heart one'), { recursive: true });
  mkdirSync(join(cwd, 'samples', '.git'));
  writeFileSync(join(cwd, 'samples', 'heart.csv'), 'a\n');
  writeFileSync(join(cwd, 'rows.csv'), 'a\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const complete = (typed: string) =>
  completePathCommand.carryOut({ field: 'path', typed }, { world: { cwd } } as Context);

test.each([
  ['sam', 'samples/', ['samples/']],
  ['samples/', 'samples/heart', ['heart one/', 'heart.csv']],
  ['samples/heart.', 'samples/heart.csv', ['heart.csv']],
  ['samples/.', 'samples/.git/', ['.git/']],
  ['./ro', './rows.csv', ['rows.csv']],
  ['rows.csv', 'rows.csv', ['rows.csv']],
  ['nothing', 'nothing', []],
  ['nowhere/x', 'nowhere/x', []],
  ['azureml:heart@latest', 'azureml:heart@latest', []],
])('%j becomes %j', async (typed, value, names) => {
  expect(await complete(typed)).toEqual({ field: 'path', typed, value, names });
});

test('a path from the root is completed as it was typed', async () => {
  expect((await complete(join(cwd, 'sam'))).value).toBe(join(cwd, 'samples/'));
});
