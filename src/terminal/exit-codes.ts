/** How the program ends, as far as the terminal decides it; `run` adds its verdicts' own codes. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** An error of the program itself (EX_SOFTWARE of sysexits.h). */
  internal: 70,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export const SIGNAL_EXIT = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hungUp,
} as const;

export type EndingSignal = keyof typeof SIGNAL_EXIT;
