/** A second operator acts at any moment of a rollout: it stops and says so, at both faces. */
import { ALL_INTERRUPTIONS, INTERRUPTIONS } from './second-operator.js';
import { paritySuite } from './suite.js';

paritySuite(
  'a second operator',
  process.env['PARITY_ALL'] === undefined ? INTERRUPTIONS : ALL_INTERRUPTIONS,
);
