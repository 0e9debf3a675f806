import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namesApart } from '../../../src/rollout/preflight/model-folder.js';

describe('names of model folders', () => {
  it.each([
    [
      ['a/model', 'b/model'],
      [join('a', 'model'), join('b', 'model')],
    ],
    [
      ['v1', 'v2'],
      ['v1', 'v2'],
    ],
    [
      ['x/a/model', 'y/a/model', 'v2'],
      [join('x', 'a', 'model'), join('y', 'a', 'model'), 'v2'],
    ],
    [
      ['a/model', './a/model/'],
      ['model', 'model'],
    ],
  ])('of %j are told apart', (folders, names) => {
    expect([...namesApart(folders).values()]).toEqual(names);
  });

  it('of a folder and one below it are told apart', () => {
    const [one, other] = [...namesApart(['/model', '/a/model']).values()];
    expect(one).not.toBe(other);
    expect(resolve('/', one ?? '')).toBe(resolve('/model'));
  });
});
