/** Programs whose clocks run faster together, so that Azure Monitor's minutes pass in seconds. */
export interface FastTime {
  /** To be given to each of the programs. */
  env: Record<string, string>;
  /** A minute of theirs in milliseconds of the test's. */
  minuteMs: number;
}

export function fastTime(factor = 10): FastTime {
  const script = new URL('../../test/support/fast-clock.mjs', import.meta.url).href;
  return {
    env: {
      NODE_OPTIONS: `--import=${script}`,
      AMLR_TEST_FROM: String(Date.now()),
      AMLR_TEST_FACTOR: String(factor),
    },
    minuteMs: 60_000 / factor,
  };
}
