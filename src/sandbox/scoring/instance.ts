/** One instance of a deployment: a runner, begun again when it ends by itself. */
import type { ModelInput } from './request.js';
import {
  Crashed,
  type Runner,
  type ScoreJob,
  type Scored,
  type StartRunner,
  Unloadable,
} from './runner.js';

export interface InstanceOptions {
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

export class Instance {
  readonly #options: InstanceOptions;
  readonly #closing = new AbortController();
  #starting: Promise<Runner> | undefined;
  #runner: Runner | undefined;
  /** A runner that is loaded, and scores its warm-up. */
  #warming: Runner | undefined;
  #pause = FIRST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  readonly #running = new Set<Promise<Scored>>();

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

  score(job: ScoreJob): Promise<Scored> {
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

  #ended(runner: Runner, how: string): void {
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
