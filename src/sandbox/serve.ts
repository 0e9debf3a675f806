/** Serves a sandbox until its end, or joins the one that serves this state already. */
import { join, resolve } from 'node:path';
import type { Sandbox, SandboxOptions } from './index.js';
import type { SandboxInfo } from './info.js';
import { type OwnedLock, acquire } from './lock.js';
import { SandboxProblem } from './problems.js';
import { type LogFile, openLog } from './state-store.js';

/** Milliseconds from a reason to end to the end of the process, at most. */
const END_WITHIN = 1_500;

/** Milliseconds that saving may take before that, on a slow machine. */
const SAVE_WITHIN = 10_000;

interface ServeOptions extends Omit<SandboxOptions, 'log' | 'onLost'> {
  /** Standard input is a pipe from a parent; when it closes, nobody needs us. */
  parentPipe: boolean;
  /** Called once, when the sandbox can be used. */
  onReady(info: SandboxInfo, joined: boolean): void;
  /** A sentence for the person, on standard error. */
  onNotice(sentence: string): void;
}

/** Resolves with the process's exit code. Rejects with a SandboxProblem where it can't start. */
export async function serve(options: ServeOptions): Promise<number> {
  let sandbox: Sandbox | undefined;
  const lifetime = watchLifetime({
    parentPipe: options.parentPipe,
    isNeeded: () => sandbox !== undefined && sandbox.leases.count() > 0,
  });
  const stateDir = resolve(options.stateDir);

  for (;;) {
    let acquired;
    try {
      acquired = await acquire(stateDir, lifetime.signal);
    } catch (error) {
      if (lifetime.signal.aborted) return 0;
      throw readable(error, stateDir);
    }
    if (acquired.kind === 'joined') {
      const { lease, info } = acquired;
      if (options.fresh) {
        lease.close();
        throw new SandboxProblem(
          `A sandbox is running on ${stateDir}; --fresh would delete the state that it uses. Stop it first, or choose another folder with --state-dir.`,
          2,
        );
      }
      options.onReady(info, true);
      const reason = await Promise.race([lease.ended.then(() => 'lease' as const), lifetime.ended]);
      if (reason === 'lease') options.onNotice('The sandbox that this one had joined has ended.');
      lease.close();
      return 0;
    }

    const { lock } = acquired;
    const log = openLog(join(stateDir, 'sandbox.log'));
    let lost!: (reason: string) => void;
    const broken = new Promise<string>((settle) => (lost = settle));
    // Not loaded by who joins.
    const starting = import('./index.js').then(({ startSandbox }) =>
      startSandbox({ ...options, stateDir, log, onLost: (reason) => lost(reason) }),
    );
    try {
      sandbox = await Promise.race([starting, lifetime.ended.then(() => undefined)]);
    } catch (error) {
      lock.release();
      throw readable(error, stateDir);
    }
    if (sandbox === undefined) {
      // Ended before it was ready; whatever is starting ends with the process.
      lock.release();
      return 0;
    }
    surviveNothing(sandbox, lock, log, options.onNotice);
    for (const notice of sandbox.notices) options.onNotice(notice);
    const { info, controlUrl, controlToken } = sandbox;
    if (!lock.publish({ controlUrl, token: controlToken, info })) {
      await sandbox.close(END_WITHIN);
      sandbox = undefined;
      continue;
    }
    log.line(`ready at ${controlUrl}, process ${process.pid}`);
    sandbox.leases.onLast(lifetime.recheck);
    options.onReady(info, false);

    const reason = await Promise.race([lifetime.ended, broken.then((text) => ({ text }))]);
    log.line(`ending: ${typeof reason === 'string' ? reason : reason.text}`);
    await end(sandbox, lock);
    if (typeof reason === 'string') return 0;
    options.onNotice(`${reason.text} The sandbox has stopped; start it again.`);
    return 70;
  }
}

/** In order: others wait, the state is safe, everything stops, others may start. */
async function end(sandbox: Sandbox, lock: OwnedLock): Promise<void> {
  lock.ending();
  // First of all: what takes long to close must not cost the blobs of a model that is saved.
  let giveUp: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((settle) => (giveUp = setTimeout(settle, SAVE_WITHIN)));
  await Promise.race([sandbox.saveBlobs(), tooLong]);
  clearTimeout(giveUp);
  sandbox.flush();
  const late = new Promise<void>((settle) => setTimeout(settle, END_WITHIN));
  await Promise.race([sandbox.close(END_WITHIN - 300).catch(() => undefined), late]);
  lock.release();
}

/** A defect of ours: the state is saved, the stack goes to the log, a person gets a sentence. */
function surviveNothing(
  sandbox: Sandbox,
  lock: OwnedLock,
  log: LogFile,
  onNotice: (sentence: string) => void,
): void {
  const crash = (error: unknown) => {
    log.line(`crash: ${error instanceof Error ? error.stack : String(error)}`);
    try {
      sandbox.flush();
      lock.release();
    } finally {
      onNotice(`The sandbox has failed and stopped; see ${log.path}. Start it again.`);
      process.exit(70);
    }
  };
  process.once('uncaughtException', crash).once('unhandledRejection', crash);
}

/** Names the folder or port that the system refused. */
function readable(error: unknown, stateDir: string): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === 'listen') {
    return new SandboxProblem(
      code === 'EADDRINUSE'
        ? 'The port is in use by another program. Choose another with --port, or leave it out.'
        : `The sandbox could not listen: ${message}.`,
    );
  }
  if (
    code !== undefined &&
    ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(code)
  ) {
    return new SandboxProblem(
      `The sandbox can't keep its state in ${stateDir}: ${message}. Choose another folder: set AML_ROLLOUT_HOME, or start the sandbox with --state-dir.`,
    );
  }
  return error;
}

type EndReason = 'signal' | 'parent';

interface Lifetime {
  /** Settles once, at the first reason to end. */
  ended: Promise<EndReason>;
  /** Aborted then. */
  signal: AbortSignal;
}

/**
 * Watches signals and, with `parentPipe`, standard input. While `isNeeded` answers true, a closed
 * pipe does not end the process yet; `recheck` asks again.
 */
function watchLifetime(options: { parentPipe: boolean; isNeeded(): boolean }): Lifetime & {
  recheck(): void;
} {
  const controller = new AbortController();
  let parentGone = false;
  let end!: (reason: EndReason) => void;
  const ended = new Promise<EndReason>((resolve) => {
    end = (reason) => {
      resolve(reason);
      controller.abort(new Error(`ended by ${reason}`));
    };
  });
  const recheck = () => {
    if (parentGone && !options.isNeeded()) end('parent');
  };

  let signals = 0;
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => {
      signals += 1;
      // Asked twice: at once.
      if (signals > 1) process.exit(0);
      end('signal');
    });
  }
  if (options.parentPipe) {
    const gone = () => {
      parentGone = true;
      recheck();
    };
    process.stdin.on('end', gone).on('close', gone).on('error', gone).resume();
  }
  // Whoever read our one line may be gone.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return { ended, signal: controller.signal, recheck };
}
