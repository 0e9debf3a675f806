/** Runs a model in a process of its own, behind MLflow's scoring server on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { stringifyJson } from '../../common/exact-numbers.js';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { MLFLOW_LAUNCHER } from './mlflow-launcher.js';
import { BadInput, type ModelInput } from './request.js';
import {
  Crashed,
  RawJson,
  type ModelRunner,
  type RunnerEvents,
  type ScoreJob,
  type RunnerAnswer,
  type StartRunner,
  Unloadable,
} from './runner.js';

interface MlflowRunnerOptions {
  /** The interpreter. */
  python: string;
  /** The model's folder on this disk. */
  modelFolder: string;
  /** An empty folder that it may write to. */
  workFolder: string;
  /** Holds both; removed by the process when the sandbox is gone. */
  scratch: string;
  environment: Record<string, string>;
}

/** Milliseconds: what Azure's default probes grant, 30 failures 10 s apart. */
const READY_WITHIN = 310_000;
const LONGEST_LINE = 2_000;

export function mlflowRunner(options: MlflowRunnerOptions): StartRunner {
  return async (events, signal) => {
    const server = new MlflowProcess(options, events);
    const timer = AbortSignal.timeout(READY_WITHIN);
    const stop = AbortSignal.any([signal, timer]);
    const callOff = () => void server.close();
    stop.addEventListener('abort', callOff, { once: true });
    if (stop.aborted) callOff();
    try {
      await server.started();
      return server;
    } catch (error) {
      await server.close();
      if (timer.aborted)
        throw new Unloadable(`MLflow's server did not answer within ${READY_WITHIN / 1_000} s.`);
      throw error;
    } finally {
      stop.removeEventListener('abort', callOff);
    }
  };
}

class MlflowProcess implements ModelRunner {
  readonly #events: RunnerEvents;
  readonly #child: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #closing = new AbortController();
  readonly #gone: Promise<string>;
  #port: number | undefined;
  #ready = false;
  #lastLine = '';

  constructor(options: MlflowRunnerOptions, events: RunnerEvents) {
    this.#events = events;
    const child = spawn(
      options.python,
      ['-u', '-c', MLFLOW_LAUNCHER, options.modelFolder, options.scratch],
      {
        cwd: options.workFolder,
        env: options.environment,
        stdio: ['pipe', 'pipe', 'pipe'],
        // A group of its own: its children end with it, and Ctrl-C in the terminal is the sandbox's.
        detached: process.platform !== 'win32',
        windowsHide: true,
      },
    );
    this.#child = child;
    // The server keeps the process alive, not its models.
    child.unref();
    for (const pipe of child.stdio) (pipe as Socket | null)?.unref();
    child.stdin.on('error', () => undefined);
    lines(child.stderr, (line) => {
      if (line.trim() !== '') this.#lastLine = line.trim();
      events.log(line);
    });
    this.#gone = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#lastLine = error.message;
        resolve('no start');
      });
      // `close` comes when its last words have been read, too.
      child.once('close', (code, signal) =>
        resolve(`code ${code ?? 128 + constants.signals[signal ?? 'SIGKILL']}`),
      );
    });
    void this.#gone.then((how) => {
      this.#agent.destroy();
      if (this.#ready && !this.#closing.signal.aborted) events.ended(how);
    });
  }

  /** @throws Unloadable with the last thing it said */
  async started(): Promise<void> {
    const told = new Promise<number>((resolve) =>
      lines(this.#child.stdout!, (line) => {
        const port = /^\{"port": ?(\d+)/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
        // Said by the interpreter before the launcher took its output.
        else this.#events.log(line);
      }),
    );
    const lost = this.#gone.then((how) => {
      throw new Unloadable(this.#lastLine || `the server ended with ${how}`);
    });
    this.#port = await Promise.race([told, lost]);
    // It listens before it serves: the first answer is its health.
    const health = await Promise.race([this.#send('GET', '/ping'), lost]);
    if (health.status !== 200) throw new Unloadable(`its health check answered ${health.status}`);
    this.#ready = true;
  }

  async score({ input, delayMs, crash }: ScoreJob): Promise<RunnerAnswer> {
    const { signal } = this.#closing;
    if (delayMs > 0) await delay(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (crash === true) this.#kill();
    const start = performance.now();
    let answer: { status: number; text: string };
    try {
      answer = await this.#send('POST', '/invocations', invocation(input));
    } catch {
      throw new Crashed(
        signal.aborted
          ? 'The instance was stopped.'
          : 'The container ended while it served this request.',
      );
    }
    const ms = performance.now() - start;
    if (answer.status === 200) return { value: predictions(answer.text), ms };
    throw refusal(answer.text, this.#events);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#kill();
    await this.#gone;
  }

  #kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      if (process.platform === 'win32') this.#child.kill();
      else process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }

  #send(method: string, path: string, body = ''): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const call = request({
        agent: this.#agent,
        host: '127.0.0.1',
        port: this.#port,
        method,
        path,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      });
      call.on('error', reject);
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      call.end(body);
    });
  }
}

const jsonOf = (body: object): string => stringifyJson(body) ?? '';

/** From what Azure's scoring script takes to what MLflow's server takes. */
function invocation(input: ModelInput): string {
  const params = input.params === undefined ? {} : { params: input.params };
  switch (input.kind) {
    case 'table':
      return jsonOf({
        dataframe_split: { columns: input.columns, data: input.rows },
        ...params,
      });
    case 'tensor':
      return jsonOf({ inputs: input.value, ...params });
    case 'named':
      return jsonOf({ inputs: input.tensors, ...params });
  }
}

/** Azure answers with the predictions alone, where MLflow's server wraps them; its digits are kept. */
function predictions(text: string): RawJson {
  return new RawJson(/^\{"predictions": ?([^]*)\}$/.exec(text.trim())?.[1] ?? text);
}

/** MLflow answers 400 for both; with a stack trace it was the model that failed, not the input. */
function refusal(text: string, events: RunnerEvents): Error {
  let told: { error_code?: unknown; message?: unknown; stack_trace?: unknown } = {};
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    // A server of another version; its words are all there is.
  }
  const { error_code: code, message: whole, stack_trace: stack } = told;
  if (typeof whole !== 'string') return new Error(text);
  // It repeats the whole input before it says what is wrong.
  const message = whole.split('\nError: ').at(-1) ?? whole;
  if (typeof stack !== 'string')
    return code === 'INTERNAL_ERROR' ? new Error(message) : new BadInput(message);
  const trace = stack.trimEnd().split('\n');
  for (const line of trace) events.log(line);
  return new Error(trace.at(-1) ?? message);
}

function lines(stream: Readable, on: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) =>
    on(line.slice(0, LONGEST_LINE)),
  );
}
