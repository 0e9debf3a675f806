/** jstat ships no types; these are the members used here. */
declare module 'jstat' {
  interface Distribution {
    cdf(x: number, ...parameters: number[]): number;
    inv(p: number, ...parameters: number[]): number;
  }
  const jStat: {
    normal: Distribution;
    beta: Distribution;
    studentt: Distribution;
    /** Natural logarithm of the gamma function. */
    gammaln(x: number): number;
  };
  export default jStat;
}
