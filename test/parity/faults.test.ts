/** The same fault, the wizard and `run`: the same judgements, split, requests and report. */
import { ROWS } from './rows.js';
import { paritySuite } from './suite.js';

paritySuite('a fault', ROWS);
