/** `docs/parity.md`: the rows of the suite, as a table for people. */
import type { Row } from './row.js';

const HEAD = `# Parity: the wizard and \`run\` are two faces of one engine

Each row is one fault or situation, driven on the sandbox from one plan at both faces: the built program in a terminal, by
keys, and \`aml-rollout run\`. Both have to end alike: the same judgements in the journal, the same split, the same number
of requests to blue (±1), the same outcome in the report, and the same meaning (the exit code of \`run\`, the
last screen of the wizard). \`test/parity/\` drives them. This page is written from the same rows:
\`PARITY_WRITE=1 npx vitest run test/parity/document.test.ts\`.

A cell other than "right" is a known difference. Its test is expected to fail, and reports when it no longer does.
`;

interface Part {
  title: string;
  about: string;
  rows: readonly Row[];
}

export function parityPage(parts: readonly Part[]): string {
  return [
    HEAD,
    ...parts.map(({ title, about, rows }) =>
      [
        `## ${title}`,
        '',
        about,
        '',
        '| row | right | wizard | run | alike |',
        '| --- | --- | --- | --- | --- |',
        ...rows.map(
          ({ title: row, right, today = {} }) =>
            `| ${row} | ${right.says} | ${today.wizard ?? 'right'} | ${today.run ?? 'right'} | ${today.same ?? 'right'} |`,
        ),
        '',
      ].join('\n'),
    ),
  ].join('\n');
}
