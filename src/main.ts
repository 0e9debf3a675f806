#!/usr/bin/env node
/** The first file that runs: what needs no command line is answered before one is read. */
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { fitsBuiltHelp } from './cli/help-columns.js';
import { paths } from './profiles/paths.js';

declare const __VERSION__: string;

/** From Node.js 22.1: compiled code is kept, so that the next start does not compile it again. */
interface KeepsCompiled {
  enableCompileCache?(folder: string): unknown;
}

const [first, ...more] = process.argv.slice(2);
const asks = (...flags: string[]): boolean => more.length === 0 && flags.includes(first ?? '');
if (asks('--version', '-V')) {
  process.stdout.write(`${__VERSION__}\n`);
} else if (asks('--help', '-h') && fitsBuiltHelp()) {
  process.stdout.write(readFileSync(new URL('help.txt', import.meta.url)));
} else {
  (module as KeepsCompiled).enableCompileCache?.(paths().compiled);
  const { runCommandLine } = await import('./cli/program.js');
  await runCommandLine();
}
