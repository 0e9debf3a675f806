/** The page of differences is made from the list that the conformance tests hold the wire against. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { page } from '../../../scripts/wire-differences.mjs';

const read = (path: string) =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8').replaceAll('\r\n', '\n');

it('says what the list says: node scripts/wire-differences.mjs writes it again', () => {
  expect(read('docs/wire-differences.md')).toBe(page(read('test/conformance/differences.yml')));
});

it('puts places with the same reason under it, and shows values as JSON', () => {
  const list = `
left:
  - {where: /a, ours: 1, why: &same because}
  - {where: /b/*, against: [azure-ai-ml], theirs: x, why: other}
  - {where: /c, oursLike: '?', theirs: {d: null}, why: *same}
sent:
  - {where: /tag *, only: ours, why: alone}
`;
  const text = page(list);
  expect(text).toContain(
    'because\n\n- `/a`: ours `1`, theirs absent\n- `/c`: ours like `?`, theirs `{"d":null}`\n',
  );
  expect(text).toContain('other\n\n- `/b/*` (azure-ai-ml): ours absent, theirs `"x"`\n');
  expect(text).toContain('alone\n\n- `/tag *`: only ours\n');
});
