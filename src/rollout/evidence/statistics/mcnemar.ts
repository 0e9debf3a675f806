/**
 * McNemar's exact test on paired yes/no results: only the discordant pairs tell the two sides
 * apart, and without a difference each falls on either side with probability 1/2.
 * Source: McNemar (1947); Fagerland, Lydersen and Laake (2013), "The McNemar test for binary
 * matched-pairs data", for the exact conditional form.
 */
import { binomialCdf, binomialUpperTail } from './binomial.js';

/** P(X >= b), X ~ Bin(b + c, 1/2): small when b, the harmful kind, is too frequent. 1 for none. */
export function mcnemarOneSided(b: number, c: number): number {
  return b + c === 0 ? 1 : binomialUpperTail(b, b + c, 0.5);
}

/** Twice the smaller tail, at most 1. */
export function mcnemarTwoSided(b: number, c: number): number {
  return b + c === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(b, c), b + c, 0.5));
}
