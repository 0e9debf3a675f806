/** Builds dist/ once before the tests. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup(): void {
  const script = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
  execFileSync(process.execPath, [script, '--keep'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
