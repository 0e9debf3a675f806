// Loaded after fast-clock.mjs: timers of the libraries and of sockets run as fast as the clock does, so
// that their time limits and pauses fit to it.
import { Socket } from 'node:net';

const factor = Number(process.env.AMLR_TEST_FACTOR);
const wait = globalThis.setTimeout;
globalThis.setTimeout = Object.assign(
  (work, ms = 0, ...rest) => wait(work, ms / factor, ...rest),
  wait,
);
const limit = Socket.prototype.setTimeout;
Socket.prototype.setTimeout = function (ms, ...rest) {
  return limit.call(this, ms / factor, ...rest);
};
