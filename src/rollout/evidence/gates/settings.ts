/** Which checks there are, how strict each is, and its limits. What a plan file may change. */

/** `enforce`: a failure stops, and only a pass lets traffic move. `warn`: shown. `off`: not made. */
export type GateMode = 'enforce' | 'warn' | 'off';

export interface Gates {
  /** What the model answers; `auto` looks at the answers of the one that serves. */
  output: 'auto' | 'labels' | 'scores' | 'numbers';
  /** One-sided probability of a wrong `fail`, over all enforced gates together (Holm). */
  alpha: number;
  contract: { mode: GateMode };
  /** `margin`: share of rows on which green may fail more often. `early`: that many stop at once. */
  errors: { mode: GateMode; margin: number; early: { failures: number; rows: number } };
  /** Harm is above both: so many times blue's latency, and so many milliseconds more. */
  latency: { mode: GateMode; ratio: number; addedMs: number; measure: 'wall' | 'model' };
  /** Below `rows` only shown. */
  latencyP95: { mode: GateMode; ratio: number; rows: number };
  /** Share of green's answers that may be 429. */
  capacity: { mode: GateMode; limit: number };
  /** Share of rows that may get another label. A better model must differ: hence `warn`. */
  labels: { mode: GateMode; limit: number };
  /** Mean change of a score, 0 to 1. */
  scores: { mode: GateMode; limit: number };
  /** Share of rows that may lie further from blue's number than absolute + relative * |blue|. */
  numbers: { mode: GateMode; absolute: number; relative: number; limit: number };
  /** Share of right answers that may be lost, where the file tells the truth. */
  accuracy: { mode: GateMode; margin: number };
  /** Where the file tells a number: so much more than blue's mean absolute error, as a share of it. */
  absoluteError: { mode: GateMode; relative: number };
  /** Error probability of a false alarm, and the probes below which nothing is said. */
  split: { mode: GateMode; alpha: number; probes: number };
  /**
   * Live minutes: green's p95 above `ratio` times blue's in `minutes` of `of`. Where those minutes
   * have under 72 requests to each, which is too few to know a p95, it has to be above it as well
   * over so many of the latest minutes that they hold 72 for each of `of`.
   */
  liveLatency: {
    mode: GateMode;
    ratio: number;
    minutes: number;
    of: number;
    /** Requests a minute to each deployment below which a minute says nothing. */
    requests: number;
  };
  /** Live minutes: green's share of failed requests may be so much above blue's. */
  liveErrors: { mode: GateMode; margin: number };
  /** Live minutes: green's share of 429. */
  liveCapacity: { mode: GateMode; limit: number };
}

export const DEFAULT_GATES: Gates = {
  output: 'auto',
  alpha: 0.05,
  contract: { mode: 'enforce' },
  errors: { mode: 'enforce', margin: 0.01, early: { failures: 3, rows: 20 } },
  latency: { mode: 'enforce', ratio: 1.1, addedMs: 5, measure: 'wall' },
  latencyP95: { mode: 'warn', ratio: 1.5, rows: 200 },
  capacity: { mode: 'enforce', limit: 0.01 },
  labels: { mode: 'warn', limit: 0.05 },
  scores: { mode: 'warn', limit: 0.05 },
  numbers: { mode: 'warn', absolute: 0, relative: 0.01, limit: 0.05 },
  accuracy: { mode: 'enforce', margin: 0.02 },
  // 300 rows can tell a tenth, as for latency; a twentieth would hold half of the equal models.
  absoluteError: { mode: 'enforce', relative: 0.1 },
  split: { mode: 'enforce', alpha: 0.001, probes: 100 },
  liveLatency: { mode: 'enforce', ratio: 1.5, minutes: 3, of: 5, requests: 20 },
  liveErrors: { mode: 'enforce', margin: 0.01 },
  liveCapacity: { mode: 'enforce', limit: 0.01 },
};

/** A member of `Gates` that is a gate. */
export type GateName = Exclude<keyof Gates, 'output' | 'alpha'>;

/** As tables and sentences call them. */
export const GATE_TITLES: Record<GateName, string> = {
  contract: 'contract',
  errors: 'errors',
  latency: 'latency median',
  latencyP95: 'latency p95',
  capacity: '429 too busy',
  labels: 'labels differ',
  scores: 'scores differ',
  numbers: 'numbers differ',
  accuracy: 'right answers',
  absoluteError: 'absolute error',
  split: 'split served',
  liveLatency: 'live p95',
  liveErrors: 'live errors',
  liveCapacity: 'live 429',
};
