#!/usr/bin/env node
/** The first file that runs: what needs no command line is answered before one is read. */
import module from 'node:module';
import { paths } from './profiles/paths.js';

declare const __VERSION__: string;

/** From Node.js 22.1: compiled code is kept, so that the next start does not compile it again. */
interface KeepsCompiled {
  enableCompileCache?(folder: string): unknown;
}

const [first, ...more] = process.argv.slice(2);
if (more.length === 0 && (first === '--version' || first === '-V')) {
  process.stdout.write(`${__VERSION__}\n`);
} else {
  (module as KeepsCompiled).enableCompileCache?.(paths().compiled);
  const { runCommandLine } = await import('./cli/program.js');
  await runCommandLine();
}
