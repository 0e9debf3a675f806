import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hideSecrets } from '../../../src/common/hide-secrets.js';
import { writeCrashLog } from '../../../src/terminal/crash-log.js';

it.each([
  'Authorization: Bearer abc.SECRET-123',
  'https://store.blob.core.windows.net/c?sv=1&sig=SECRET%3D&se=2',
  'AccountName=x;AccountKey=SECRET==;EndpointSuffix=y',
  '{"primaryKey":"SECRET"}',
  'token eyJhbGciOi.eyJSECRET.c2ln',
  'http://user:SECRET@proxy:3128',
])('leaves the secret out of %j', (text) => {
  expect(hideSecrets(text)).not.toContain('SECRET');
  expect(hideSecrets(text)).toContain('••••');
});

it('keeps the whole chain of causes in a file of its owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aml-rollout-test-'));
  try {
    const error = new Error('outer', { cause: new Error('inner') });
    const path = writeCrashLog(error, join(folder, 'not', 'there', 'yet'));
    const text = await readFile(path!, 'utf8');
    expect(text).toMatch(/outer[\s\S]*caused by Error: inner/);
    if (process.platform !== 'win32') expect((await stat(path!)).mode & 0o777).toBe(0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
