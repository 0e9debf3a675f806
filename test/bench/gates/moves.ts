/** What the bench runs is what a rollout runs; `program.mjs` bundles it. */
export { proveMove } from '../../../src/rollout/moves/prove.js';
export { verifySplitMove } from '../../../src/rollout/moves/verify-split.js';
export { MoveContext } from '../../../src/rollout/moves/context.js';
export { newMemory } from '../../../src/rollout/moves/session-memory.js';
export { watchLive } from '../../../src/rollout/moves/watch-live.js';
export { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
export { judge } from '../../../src/rollout/evidence/gates/judge.js';
export { clopperPearson } from '../../../src/rollout/evidence/statistics/proportions.js';
export { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
export { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
