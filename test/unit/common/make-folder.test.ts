import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { makeFolder, PRIVATE } from '../../../src/common/make-folder.js';

const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-folders-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('makeFolder', () => {
  test('makes those above it too, and nothing twice', () => {
    const path = join(folder, 'a', 'b', 'c');
    makeFolder(path, PRIVATE);
    makeFolder(path, PRIVATE);
    expect(statSync(path).isDirectory()).toBe(true);
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
  });

  test('says that a file is in the way', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => makeFolder(file)).toThrow(/EEXIST/);
    expect(() => makeFolder(join(file, 'below'))).toThrow(/ENOTDIR/);
  });

  test('ends below a link that leads nowhere', () => {
    const link = join(folder, 'link');
    symlinkSync(join(folder, 'gone'), link);
    expect(() => makeFolder(join(link, 'below'))).toThrow(/EEXIST|ENOENT/);
  });

  // Only Linux has a folder that can hold no other.
  test.runIf(existsSync('/proc/self'))('ends where the one above can hold no other', () => {
    expect(() => makeFolder('/proc/nowhere/below')).toThrow(/ENOENT/);
  });
});
