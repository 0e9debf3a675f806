// The terminal driver of the e2e tests, for scripts. It is TypeScript, and finds its packages from
// inside the project.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = join(root, 'test-output', 'pty.mjs');
await build({
  entryPoints: [join(root, 'test', 'support', 'pty.ts')],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
});
export const { launch, closeAll } = await import(pathToFileURL(outfile).href);
