// What stands in for packages, or parts of them, in all that is bundled from this program.
import { fileURLToPath } from 'node:url';

const script = (name) => fileURLToPath(new URL(name, import.meta.url));

export const ALIASES = {
  'react-devtools-core': script('no-devtools.mjs'),
  // Of conf: at a signal it would send the signal once more, and end a rollout before it says where traffic is.
  'when-exit': script('no-when-exit.mjs'),
  'ajv/dist/2020.js': script('no-ajv.mjs'),
  'ajv-formats': script('no-ajv.mjs'),
  '@alcalzone/ansi-tokenize': script('remembered-ansi-tokenize.mjs'),
  'slice-ansi': script('remembered-slice-ansi.mjs'),
  'string-width': script('narrow-string-width.mjs'),
};
