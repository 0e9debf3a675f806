/** The instances of a deployment: runners that are started again when they end, and a queue for them. */
import type { ModelInput } from './request.js';
import {
  Crashed,
  type ModelRunner,
  type ScoreJob,
  type RunnerAnswer,
  type StartRunner,
  Unloadable,
} from './runner.js';

/** The router's 429. */
export class TooManyRequests extends Error {
  override name = 'TooManyRequests';
}

/** The router's 408. */
export class TimedOut extends Error {
  override name = 'TimedOut';
}

/** This pool serves no more; another may have taken its place. */
export class Stopped extends Error {
  override name = 'Stopped';
}

interface PoolOptions {
  start: StartRunner;
  /** `max_concurrent_requests_per_instance`. */
  concurrency: number;
  /** Scored once by each new instance: the first run is some forty times slower than the next. */
  warmUp: ModelInput | undefined;
  log(line: string): void;
}

interface Job {
  message: ScoreJob;
  resolve(scored: RunnerAnswer): void;
  reject(error: unknown): void;
}

export class InstancePool {
  readonly #options: PoolOptions;
  readonly #instances: Instance[] = [];
  readonly #queue: Job[] = [];
  /** Waiting or running, those that timed out but still run included. */
  #pending = 0;
  #onIdle: (() => void) | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#instances.length;
  }

  /**
   * Brings the pool to this many instances. Resolves when all are ready; those taken away finish
   * their requests first. @throws Unloadable
   */
  async resize(instances: number): Promise<void> {
    const more: Promise<void>[] = [];
    while (this.#instances.length < instances) {
      const instance = new Instance({
        start: this.#options.start,
        log: this.#options.log,
        warmUp: this.#options.warmUp,
        onReady: () => this.#dispatch(),
      });
      this.#instances.push(instance);
      more.push(instance.begin());
    }
    for (const instance of this.#instances.splice(instances)) void retire(instance);
    await Promise.all(more);
  }

  /**
   * Scores on the instance with the least to do.
   * @throws TooManyRequests over twice the concurrency of all instances (Azure's documented limit),
   * TimedOut, Stopped, Crashed, BadInput, or the model's error
   */
  score(message: ScoreJob, timeoutMs: number): Promise<RunnerAnswer> {
    if (this.#closed) return Promise.reject(new Stopped());
    if (this.#pending >= 2 * this.#options.concurrency * Math.max(1, this.size))
      return Promise.reject(new TooManyRequests());
    this.#pending += 1;
    return new Promise((resolve, reject) => {
      const job: Job = {
        message,
        resolve: (scored) => {
          clearTimeout(timer);
          this.#done();
          resolve(scored);
        },
        reject: (error) => {
          clearTimeout(timer);
          this.#done();
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        const at = this.#queue.indexOf(job);
        // One that already runs keeps its place until the model is done with it.
        if (at >= 0) {
          this.#queue.splice(at, 1);
          this.#done();
        }
        reject(new TimedOut());
      }, timeoutMs);
      this.#queue.push(job);
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const instances = this.#instances.splice(0);
    for (const job of this.#queue.splice(0)) job.reject(new Stopped());
    await Promise.all(instances.map((instance) => instance.close()));
  }

  /** Ends the instances when all requests are done. */
  async drain(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.close();
  }

  #done(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#onIdle?.();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const free = this.#instances
        .filter((instance) => instance.ready && instance.load < this.#options.concurrency)
        .sort((a, b) => a.load - b.load)[0];
      const job = free === undefined ? undefined : this.#queue.shift();
      if (free === undefined || job === undefined) return;
      free
        .score(job.message)
        .then(job.resolve, job.reject)
        .finally(() => this.#dispatch());
    }
  }
}

async function retire(instance: Instance): Promise<void> {
  await instance.idle();
  await instance.close();
}

interface InstanceOptions {
  start: StartRunner;
  /** Scored once before it is ready. */
  warmUp: ModelInput | undefined;
  /** A line for the container's log. */
  log(line: string): void;
  /** Called when it can take requests (again). */
  onReady(): void;
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

class Instance {
  readonly #options: InstanceOptions;
  readonly #closing = new AbortController();
  #starting: Promise<ModelRunner> | undefined;
  #runner: ModelRunner | undefined;
  /** A runner that is loaded, and scores its warm-up. */
  #warming: ModelRunner | undefined;
  #pause = FIRST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  readonly #running = new Set<Promise<RunnerAnswer>>();

  constructor(options: InstanceOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#runner !== undefined && !this.#closing.signal.aborted;
  }

  /** Requests it has now. */
  get load(): number {
    return this.#running.size;
  }

  /** Resolves when the model is loaded. @throws Unloadable */
  async begin(): Promise<void> {
    const { signal } = this.#closing;
    this.#starting = this.#options.start(
      {
        log: (line) => this.#options.log(line),
        ended: (how) => this.#ended(runner, how),
      },
      signal,
    );
    const runner = await this.#starting;
    this.#warming = runner;
    const { warmUp } = this.#options;
    // An example that the model refuses is no reason not to serve.
    if (warmUp !== undefined)
      await runner.score({ input: warmUp, delayMs: 0 }).catch(() => undefined);
    if (signal.aborted) await runner.close();
    if (this.#warming !== runner || signal.aborted)
      throw new Unloadable('The instance ended before it was ready.');
    this.#warming = undefined;
    this.#runner = runner;
    this.#options.onReady();
  }

  score(job: ScoreJob): Promise<RunnerAnswer> {
    const runner = this.#runner;
    if (runner === undefined || !this.ready)
      return Promise.reject(new Crashed('The instance is not ready.'));
    const scored = runner.score(job);
    this.#running.add(scored);
    return scored.then(
      (value) => {
        this.#running.delete(scored);
        this.#pause = FIRST_PAUSE;
        return value;
      },
      (error: unknown) => {
        this.#running.delete(scored);
        throw error;
      },
    );
  }

  /** Resolves when it has no request. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    // One that is still starting was called off, and is waited for until it has ended.
    await this.#starting?.catch(() => undefined);
    await Promise.all([this.#runner?.close(), this.#warming?.close()]);
  }

  #ended(runner: ModelRunner, how: string): void {
    if (this.#warming === runner) this.#warming = undefined;
    if (this.#runner !== runner || this.#closing.signal.aborted) return;
    this.#runner = undefined;
    this.#options.log(`Worker exited with ${how}; booting a new one.`);
    this.#again();
  }

  #again(): void {
    this.#timer = setTimeout(() => {
      this.begin().catch(() => {
        if (!this.#closing.signal.aborted) this.#again();
      });
    }, this.#pause);
    this.#timer.unref();
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }
}
