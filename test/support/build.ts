/** Builds dist/ once before the tests, and puts the program where a shell finds it, as an installed one is. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export default function setup(): () => void {
  const script = join(ROOT, 'scripts', 'build.mjs');
  execFileSync(process.execPath, [script, '--keep'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const bin = mkdtempSync(join(tmpdir(), 'aml-rollout-bin-'));
  symlinkSync(join(ROOT, 'dist', 'main.js'), join(bin, 'aml-rollout'));
  process.env['PATH'] = `${bin}${delimiter}${process.env['PATH']}`;
  return () => rmSync(bin, { recursive: true });
}
