/** How long operations take, in milliseconds; `--time-scale` multiplies them, and 0 means at once. */
export interface Durations {
  endpointCreate: number;
  deployment: number;
  /** Traffic, tags, scale. */
  update: number;
  delete: number;
  /** After a minute has ended, until its metrics are told; 0 tells even the running one. */
  metricsLag: number;
}

export const QUICK: Durations = {
  endpointCreate: 2_000,
  deployment: 6_000,
  update: 1_000,
  delete: 1_000,
  metricsLag: 0,
};

/** As recorded from the service: 90 s, 9 min 10 s and 20 s. */
export const REALISTIC: Durations = {
  endpointCreate: 90_000,
  deployment: 550_000,
  update: 20_000,
  delete: 20_000,
  metricsLag: 120_000,
};
