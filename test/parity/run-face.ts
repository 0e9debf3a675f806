/** The headless face: `aml-rollout run`, and the commands beside it. */
import type { CommandResult, RunningCommand } from '../support/run-command.js';
import type { Face, MakeFace, Meaning } from './face.js';
import { PATIENCE_MS, until, type Stage } from './world.js';

const MEANINGS: Record<number, Meaning> = {
  0: 'promoted',
  2: 'refused',
  3: 'stopped',
  4: 'not rolled back',
  5: 'held',
  6: 'changed elsewhere',
  7: 'access',
  8: 'approval',
  9: 'stopped',
};

class RunFace implements Face {
  readonly name = 'run';
  #running: RunningCommand | undefined;
  #ended: CommandResult | undefined;
  #said = '';

  constructor(private readonly stage: Stage) {}

  async start(): Promise<void> {
    this.#begin('run', this.stage.planPath, '--yes');
    return Promise.resolve();
  }

  #begin(...args: string[]): void {
    this.#ended = undefined;
    this.#running = this.stage.program(...args);
    void this.#running.then((ended) => {
      this.#ended = ended;
      this.#said += ended.stdout + ended.stderr;
    });
  }

  until(seen: () => boolean | Promise<boolean>): Promise<void> {
    return until(async () => this.#ended !== undefined || (await seen()), 'the run');
  }

  async rest(): Promise<Meaning> {
    const given = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), PATIENCE_MS).unref();
    });
    const ended = await Promise.race([this.#running, given]);
    if (!ended) return 'hangs';
    return MEANINGS[ended.code ?? 70] ?? `exit ${ended.code ?? 70}`;
  }

  async abort(): Promise<void> {
    await this.rest();
    await this.#aside('abort', this.stage.endpoint, '--yes');
  }

  async report(): Promise<void> {
    await this.#aside('export', this.stage.endpoint, '--live');
  }

  async linger(): Promise<string> {
    const before = this.#said.length;
    await this.#aside('status', this.stage.endpoint);
    await this.#aside('resume', this.stage.planPath);
    return this.#said.slice(before);
  }

  async replaceGreen(): Promise<void> {
    await this.rest();
    this.#begin('run', this.stage.planPath, '--yes', '--replace-green');
  }

  async giveUp(): Promise<void> {
    await this.rest();
    await this.#aside('abort', this.stage.endpoint, '--delete-green', '--yes');
  }

  async reopen(): Promise<string> {
    await this.rest();
    const before = this.#said.length;
    await this.#aside('status', this.stage.endpoint);
    return this.#said.slice(before);
  }

  async reopenAndApprove(weight: number): Promise<void> {
    await this.rest();
    this.#begin('resume', this.stage.planPath, '--approve', String(weight));
  }

  async #aside(...args: string[]): Promise<void> {
    const { stdout, stderr } = await this.stage.program(...args);
    this.#said += stdout + stderr;
  }

  says(): string {
    return this.#said;
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) this.#running?.interrupt();
    await this.#running;
  }
}

export const runFace: MakeFace = (stage) => new RunFace(stage);
