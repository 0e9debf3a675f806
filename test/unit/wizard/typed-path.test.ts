import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { typedPath } from '../../../src/wizard/effects/typed-path.js';

test.each([
  ['~/heart.csv', join('/home/ada', 'heart.csv')],
  ['~', resolve('/home/ada')],
  [' rows/heart.csv ', resolve('/data/rows/heart.csv')],
  ['/data/heart.csv', resolve('/data/heart.csv')],
  ['~ada/heart.csv', resolve('/data/~ada/heart.csv')],
  ['./~/heart.csv', resolve('/data/~/heart.csv')],
])('%j is read as %j', (typed, path) => {
  expect(resolve(typedPath('/data', typed, '/home/ada'))).toBe(path);
});
