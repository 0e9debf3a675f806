/** A folder and a sandbox for a file of tests that run the built program without a terminal. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { connect } from '../../src/azure/connect.js';
import type { Workspace } from '../../src/azure/types.js';
import { connectionTo } from './connection.js';
import { runProgram, runWarm, type CommandResult, type RunningCommand } from './run-command.js';
import { startSandbox, temporaryFolder, type TestSandbox } from './sandbox.js';

export interface Headless {
  /** The program's home, and the folder it runs in. */
  home: string;
  /** What a program of this file is started with. */
  env: Record<string, string>;
  readonly sandbox: TestSandbox;
  /** The sandbox's workspace, as another client sees it. */
  readonly workspace: Workspace;
  /** Runs a command in a process of its own. */
  program(...args: string[]): RunningCommand;
  /** Runs a command in a process that has run others before. */
  command(...args: string[]): Promise<CommandResult>;
  /** The traffic of an endpoint. */
  live(endpoint: string): Promise<Record<string, number> | undefined>;
}

/** Started before the tests of the file, and gone after them. `more` goes to both programs. */
export function headless(more: Record<string, string> = {}): Headless {
  const home = temporaryFolder();
  const env = { AML_ROLLOUT_HOME: home, ...more };
  let sandbox: TestSandbox;
  let workspace: Workspace;
  beforeAll(async () => {
    sandbox = await startSandbox({ timeScale: 0.02, stateDir: join(home, 'sandbox'), env: more });
    workspace = await connect(connectionTo(sandbox));
  });
  afterAll(async () => {
    await workspace?.close();
    await sandbox?.stop();
    rmSync(home, { recursive: true, force: true });
  });
  return {
    home,
    env,
    get sandbox() {
      return sandbox;
    },
    get workspace() {
      return workspace;
    },
    program: (...args) => runProgram(args, { env, cwd: home }),
    command: (...args) => runWarm(args, { env, cwd: home }),
    live: async (endpoint) => (await workspace.getEndpoint(endpoint))?.traffic,
  };
}
