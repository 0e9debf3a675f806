/** When a sandbox process ends: by a signal, or when the pipe from its parent closes. */

export type EndReason = 'signal' | 'parent';

export interface Lifetime {
  /** Settles once, at the first reason to end. */
  ended: Promise<EndReason>;
  /** Aborted then. */
  signal: AbortSignal;
}

/**
 * Watches signals and, with `parentPipe`, standard input. While `isNeeded` answers true, a closed
 * pipe does not end the process yet; `recheck` asks again.
 */
export function watchLifetime(options: { parentPipe: boolean; isNeeded(): boolean }): Lifetime & {
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
