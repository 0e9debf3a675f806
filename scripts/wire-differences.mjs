// Writes docs/wire-differences.md from test/conformance/differences.yml: `node scripts/wire-differences.mjs`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const LIST = new URL('../test/conformance/differences.yml', import.meta.url);
const PAGE = new URL('../docs/wire-differences.md', import.meta.url);

const INTRO = `# What differs from the official clients

<!-- made from test/conformance/differences.yml by scripts/wire-differences.mjs -->

A rollout by \`aml-rollout\` and the same rollout by \`azure-ai-ml\`, and by the MLflow plugin \`azureml-mlflow\`, leave the same
workspace behind, except for what is listed here; and send the same for each step, except for what is listed here.

\`npm run conformance\` proves it. Each client carries three rollouts out in a sandbox of its own: both models registered and
blue kept; blue deleted; a mirror, two instances, and blue scaled to one. \`aml-rollout\` and \`azure-ai-ml\` do two more: from
[files](../test/conformance/same_workspace_files) that \`az ml\` takes, and with packaged models without egress; the plugin can't
do these. Then every resource and every blob with its metadata is compared, member by member, and so is every request that
changes something or asks by POST. A difference that is not listed fails the test, and so does a line here that is no longer
true. Only ids, times, the storage account's name and the mark in a packaged environment's name are left out.

The versions of the clients are those of [requirements.txt](../test/conformance/requirements.txt). Places are JSON
Pointers; \`*\` matches anything within a segment. A line without a client's name is about both clients.
`;

const SECTIONS = {
  left: [
    'What is left in the workspace',
    'Resources as they are read afterwards, by name, and blobs with their metadata.',
  ],
  sent: [
    'What is sent',
    'Requests by the step they are for. Reads, polls and what is scored are not compared.',
  ],
};

/** The page, from the text of the list. */
export function page(list) {
  const all = parse(list);
  const sections = Object.entries(SECTIONS).map(
    ([name, [title, about]]) => `## ${title}\n\n${about}\n\n${reasons(all[name])}`,
  );
  return `${INTRO}\n${sections.join('\n')}`;
}

/** Entries with the same reason stand together, in the order of the list. */
function reasons(entries) {
  const byReason = new Map();
  for (const each of entries) byReason.set(each.why, [...(byReason.get(each.why) ?? []), each]);
  return [...byReason]
    .map(([why, group]) => `${why}\n\n${group.map(line).join('\n')}\n`)
    .join('\n');
}

function line(entry) {
  const about = entry.against ? ` (${entry.against.join(', ')})` : '';
  return `- \`${entry.where}\`${about}: ${values(entry)}`;
}

function values(entry) {
  if (entry.only) return entry.only === 'ours' ? 'only ours' : 'only theirs';
  return `ours ${value(entry, 'ours')}, theirs ${value(entry, 'theirs')}`;
}

function value(entry, side) {
  const pattern = entry[`${side}Like`];
  if (pattern !== undefined) return `like \`${pattern}\``;
  return side in entry ? `\`${JSON.stringify(entry[side])}\`` : 'absent';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, page(readFileSync(LIST, 'utf8')));
}
