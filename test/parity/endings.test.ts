/** After an abort, a report or a failed proof: the same at both faces. */
import { ENDINGS } from './endings.js';
import { paritySuite } from './suite.js';

paritySuite('an ending', ENDINGS);
