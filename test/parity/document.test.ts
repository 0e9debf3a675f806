/** The page of the table says what the suite expects. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parityPage } from './document.js';
import { ENDINGS } from './endings.js';
import { ROWS } from './rows.js';
import { INTERRUPTIONS } from './second-operator.js';

const PAGE = fileURLToPath(new URL('../../docs/parity.md', import.meta.url));

it('docs/parity.md has the rows of the suite', () => {
  const page = parityPage([
    { title: 'Faults', about: 'Something fails, or serves otherwise than it should.', rows: ROWS },
    {
      title: 'Endings',
      about: 'A finished rollout stays finished; a rejected green can be replaced, or given up.',
      rows: ENDINGS,
    },
    {
      title: 'A second operator',
      about:
        'Somebody else acts with another client, before the next look of the rollout under way.',
      rows: INTERRUPTIONS,
    },
  ]);
  if (process.env['PARITY_WRITE']) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});
