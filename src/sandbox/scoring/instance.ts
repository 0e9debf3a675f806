/** One worker thread, begun again when it ends by itself. */
import { Worker } from 'node:worker_threads';
import type { ModelInput } from './request.js';
import type { ScoreMessage, WorkerMessage, WorkerStart } from './worker-messages.js';

/** The model did not load: starting again would not help. */
export class Unloadable extends Error {
  override name = 'Unloadable';
}

/** The thread ended while it had this request. */
export class Crashed extends Error {
  override name = 'Crashed';
}

export interface Scored {
  value: unknown;
  /** Milliseconds in the model. */
  ms: number;
}

interface Waiting {
  resolve(scored: Scored): void;
  reject(error: Error): void;
}

export interface InstanceOptions {
  workerUrl: URL;
  start: WorkerStart;
  /** Scored once before it is ready. */
  warmUp: ModelInput | undefined;
  /** A line for the container's log. */
  log(line: string): void;
  /** Called when it can take requests (again). */
  onReady(): void;
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

export class Instance {
  readonly #options: InstanceOptions;
  #worker: Worker | undefined;
  #ready = false;
  #closed = false;
  #pause = FIRST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting = new Map<number, Waiting>();
  readonly #running = new Set<Promise<Scored>>();
  #nextId = 1;

  constructor(options: InstanceOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#ready && !this.#closed;
  }

  /** Requests it has now. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Resolves when the model is loaded. @throws Unloadable */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.#options.workerUrl, {
        workerData: this.#options.start,
        // What the runtime prints must not reach the screen of whoever started the sandbox.
        stdout: true,
        stderr: true,
      });
      // The server keeps the process alive, not its models.
      worker.unref();
      worker.stdout.resume();
      worker.stderr.resume();
      this.#worker = worker;
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'ready') {
          // An example that the model refuses is no reason not to serve.
          void this.#warmUp(worker).finally(() => {
            if (this.#worker !== worker || this.#closed) return;
            this.#ready = true;
            resolve();
            this.#options.onReady();
          });
        } else if (message.kind === 'unloadable') {
          reject(new Unloadable(message.message));
          void this.close();
        } else this.#answer(message);
      });
      worker.on('error', (error) => this.#options.log(`Exception in worker: ${error.message}`));
      worker.on('exit', (code) => {
        reject(
          new Unloadable(`The worker ended with exit code ${code} while it loaded the model.`),
        );
        this.#ended(worker, code);
      });
    });
  }

  score(message: Omit<ScoreMessage, 'id'>): Promise<Scored> {
    const worker = this.#worker;
    if (worker === undefined || !this.ready)
      return Promise.reject(new Crashed('The instance is not ready.'));
    return this.#send(worker, message);
  }

  async #warmUp(worker: Worker): Promise<void> {
    const input = this.#options.warmUp;
    if (input === undefined) return;
    await this.#send(worker, { input, delayMs: 0 }).catch(() => undefined);
  }

  #send(worker: Worker, message: Omit<ScoreMessage, 'id'>): Promise<Scored> {
    const id = this.#nextId++;
    const scored = new Promise<Scored>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ ...message, id } satisfies ScoreMessage);
    });
    this.#running.add(scored);
    return scored.finally(() => this.#running.delete(scored));
  }

  /** Resolves when it has no request. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#worker?.terminate();
    this.#failAll('The instance was stopped.');
  }

  #answer(message: Extract<WorkerMessage, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    this.#pause = FIRST_PAUSE;
    if (message.kind === 'scored') waiting?.resolve({ value: message.value, ms: message.ms });
    else waiting?.reject(new Error(message.message));
  }

  #ended(worker: Worker, code: number): void {
    if (this.#worker !== worker || this.#closed) return;
    const wasReady = this.#ready;
    this.#ready = false;
    this.#failAll('The container ended while it served this request.');
    this.#options.log(`Worker exited with code ${code}; booting a new one.`);
    if (!wasReady) return;
    this.#again();
  }

  #again(): void {
    this.#timer = setTimeout(() => {
      this.begin().catch(() => {
        if (!this.#closed) this.#again();
      });
    }, this.#pause);
    this.#timer.unref();
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  #failAll(why: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Crashed(why));
    this.#waiting.clear();
  }
}
