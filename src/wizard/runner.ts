/** Carries commands out beside React, one AbortController a run, and sends the answers back. */
import { setMaxListeners } from 'node:events';
import { failureOf } from '../rollout/errors.js';
import { closeWorld } from './effects/connect.js';
import { COMMANDS, type Command, type CommandName } from './effects/index.js';
import { openedOf, type CommandKind, type Context, type World } from './effects/world.js';
import type { CommandFailure } from './events.js';
import { deploymentPhases } from '../rollout/deployment-phases.js';
import { pacedProgress } from './paced-progress.js';
import type { State } from './state.js';
import type { Issued, Store } from './store.js';

const kindOfCommand = (name: CommandName) => COMMANDS[name] as CommandKind<object, unknown>;

export class Runner {
  readonly #running = new Map<number, { name: CommandName; controller: AbortController }>();

  constructor(
    private readonly store: Store,
    private readonly world: World,
  ) {
    world.tell = (text) => store.dispatch({ type: 'told', text });
  }

  readonly start = ({ run, command }: Issued): void => {
    const controller = new AbortController();
    // Each request under way listens to it, and a load check sends many at once.
    setMaxListeners(0, controller.signal);
    this.#running.set(run, { name: command.do, controller });
    void this.#carryOut(run, command, controller.signal).finally(() => this.#running.delete(run));
  };

  /** Stops what the state no longer waits for: a step that was left, a newer run of the same. */
  readonly settle = (state: State): void => {
    for (const [run, { name, controller }] of this.#running) {
      if (state.runs[name] !== run) controller.abort();
    }
  };

  async close(): Promise<void> {
    for (const { controller } of this.#running.values()) controller.abort();
    await closeWorld(this.world);
  }

  async #carryOut(run: number, command: Command, signal: AbortSignal): Promise<void> {
    const context: Context = {
      world: this.world,
      signal,
      progress: pacedProgress((progress) =>
        this.store.dispatch({ type: 'progress', run, do: command.do, progress }),
      ),
    };
    try {
      const { do: name, ...ask } = command;
      const answer = await kindOfCommand(name).carryOut(ask, context);
      this.store.dispatch({ type: 'answered', run, do: name, answer } as never);
    } catch (error) {
      if (signal.aborted) return;
      const failed = await this.#failure(command, error);
      this.store.dispatch({ type: 'failed', run, do: command.do, failed });
    }
  }

  /** The failure, and what the workspace and the container's log say after it. */
  async #failure(command: Command, error: unknown): Promise<CommandFailure> {
    const { what, acts, makes } = kindOfCommand(command.do);
    const failure = failureOf(error, typeof what === 'string' ? what : what(command));
    const { rollout, workspace } = this.world;
    if (!acts || !rollout || !workspace) return { failure };
    await rollout.engine.observe().catch(() => undefined);
    const deployment = makes?.(command);
    const exists = rollout.engine.snapshot?.deployments.some((each) => each.name === deployment);
    const log =
      deployment !== undefined && exists
        ? await workspace
            .deploymentLogs(rollout.engine.endpoint, deployment, { tail: 200 })
            .catch(() => undefined)
        : undefined;
    const phases = log === undefined ? undefined : deploymentPhases(log);
    return {
      failure,
      ...(rollout.engine.snapshot && { opened: openedOf(rollout) }),
      ...(deployment !== undefined && { deployment }),
      ...(log !== undefined && { log }),
      ...(phases && { phases }),
    };
  }
}
