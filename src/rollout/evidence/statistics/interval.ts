/** A confidence interval; a bound that the data can't give is infinite. */
export interface Interval {
  lower: number;
  upper: number;
}

/** One-sided error probability for a finding of harm, unless a plan says otherwise. */
export const ALPHA = 0.05;
