// Tells eslint-plugin-boundaries which file an import names: TypeScript's `./x.js` is x.ts or x.tsx.
const { existsSync } = require('node:fs');
const { builtinModules } = require('node:module');
const { dirname, resolve } = require('node:path');

exports.interfaceVersion = 2;
exports.resolve = (source, file) => {
  if (source.startsWith('node:') || builtinModules.includes(source))
    return { found: true, path: null };
  if (!source.startsWith('.')) return { found: false };
  const base = resolve(dirname(file), source);
  const path = [base.replace(/\.js$/, '.ts'), base.replace(/\.js$/, '.tsx'), base].find(existsSync);
  return path ? { found: true, path } : { found: false };
};
