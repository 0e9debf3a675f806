// Makes time run faster in a program that is started with `--import` of this file: the wall clock
// from AMLR_TEST_FROM (epoch milliseconds) on, AMLR_TEST_FACTOR times, and waits by the promises of
// node:timers. Azure Monitor's minutes would take minutes. Nothing else is touched: latencies are
// measured by performance.now.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const from = Number(process.env.AMLR_TEST_FROM);
const factor = Number(process.env.AMLR_TEST_FACTOR);
const RealDate = Date;
const now = () => Math.floor(from + (RealDate.now() - from) * factor);

// A proxy, so that dates made inside Node.js are instances of it too.
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, made) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, made),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
});
const wait = timers.setTimeout;
timers.setTimeout = (ms, ...rest) => wait(ms / factor, ...rest);
syncBuiltinESMExports();
