/** The instances of a deployment, and the requests that wait for one. */
import { Instance } from './instance.js';
import type { ModelInput } from './request.js';
import type { ScoreJob, Scored, StartRunner } from './runner.js';

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

export interface PoolOptions {
  start: StartRunner;
  /** `max_concurrent_requests_per_instance`. */
  concurrency: number;
  /** Scored once by each new instance: the first run is some forty times slower than the next. */
  warmUp: ModelInput | undefined;
  log(line: string): void;
}

interface Job {
  message: ScoreJob;
  resolve(scored: Scored): void;
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
   * Brings the pool to so many instances. Resolves when all are ready; those taken away finish
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
  score(message: ScoreJob, timeoutMs: number): Promise<Scored> {
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
