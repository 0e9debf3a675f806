/** Starts the built sandbox for a test file, as a user or the wizard would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SandboxInfo } from '../../src/sandbox/info.js';
import type { LockContent } from '../../src/sandbox/lock.js';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/**
 * Processes that end after seconds take a tenth less CPU time without V8's optimizing compiler.
 * `runProgram` and benchmarks start the program as a user does.
 */
export const NODE_FLAGS = process.env['VITEST'] === undefined ? [] : ['--no-opt'];

export interface StartOptions {
  /** Multiplies all waiting times; tests are quick by default. */
  timeScale?: number;
  /** Keeps or shares state; without it the sandbox gets a folder that `stop` removes. */
  stateDir?: string;
  credentials?: 'account-key' | 'sas' | 'identity';
  /** Further command-line arguments. */
  args?: string[];
  env?: Record<string, string>;
}

export interface TestSandbox {
  info: SandboxInfo;
  child: ChildProcess;
  stateDir: string;
  /** What it has written to standard error. */
  stderr(): string;
  /** Calls a control route, e.g. `control('POST', '/_sandbox/faults', {...})`. */
  control(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Ends it, and resolves with its exit code. */
  stop(): Promise<number | null>;
}

export async function startSandbox(options: StartOptions = {}): Promise<TestSandbox> {
  const own = options.stateDir === undefined;
  const stateDir = options.stateDir ?? temporaryFolder();
  const child = spawn(
    process.execPath,
    [
      ...NODE_FLAGS,
      MAIN,
      'sandbox',
      '--json',
      // Ends with the test process, however that ends.
      '--parent-pipe',
      '--state-dir',
      stateDir,
      '--time-scale',
      String(options.timeScale ?? 0.05),
      ...(options.credentials === undefined ? [] : ['--credentials', options.credentials]),
      ...(options.args ?? []),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...options.env } },
  );
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const info = await new Promise<SandboxInfo>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('\n')) resolve(JSON.parse(stdout) as SandboxInfo);
    });
    void exited.then((code) =>
      reject(new Error(`The sandbox ended with code ${code} before it was ready: ${stderr}`)),
    );
  });

  return {
    info,
    child,
    stateDir,
    stderr: () => stderr,
    control: (method, path, body) => control(stateDir, method, path, body),
    async stop() {
      child.kill('SIGTERM');
      const code = await exited;
      if (own) rmSync(stateDir, { recursive: true, force: true });
      return code;
    },
  };
}

/** Calls a control route of whichever sandbox serves this state. */
export function control(
  stateDir: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const lock = JSON.parse(readFileSync(join(stateDir, 'lock.json'), 'utf8')) as LockContent;
  return call(`${lock.controlUrl}${path}`, method, lock.token!, body);
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'aml-rollout-test-'));
}

function call(
  url: string,
  method: string,
  token: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        agent: false,
        headers: {
          'x-sandbox-token': token,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          let parsed: unknown = text;
          try {
            parsed = JSON.parse(text);
          } catch {
            // Not every answer is JSON.
          }
          resolve({ status: response.statusCode ?? 0, body: parsed });
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
