/** A plan file to fill in, for an endpoint as it is now: `aml-rollout init`. */
import type { Deployment, Endpoint } from '../azure/types.js';
import { parseModel, shownModel } from '../common/model-ref.js';
import { sanitizeLine } from '../common/sanitize.js';
import { yamlText } from './yaml-text.js';

/** Placeholder of a value that only a person knows. */
const RENAME_ME = 'your-model';
const GREEN_NAMES = ['green', 'blue', 'next'];

interface Found {
  endpoint: string;
  /** Absent: the plan creates it. */
  existing?: Endpoint;
  /** The deployment that serves most; absent: the plan creates blue too. */
  blue?: Deployment;
  /** Of blue's model, as registered now. */
  newest?: string | undefined;
  deployments: readonly Deployment[];
  /** Where rows come from, and the column that holds the truth. */
  rows?: string;
  target?: string;
}

const scalar = (value: string): string => yamlText(value).trim();

function freeName(taken: readonly string[]): string {
  const isFree = (name: string): boolean => !taken.includes(name);
  const names = [...GREEN_NAMES, ...taken.map((_, index) => `green-${index + 2}`)];
  return names.find(isFree) ?? `green-${taken.length + 2}`;
}

/** A file that `readPlanFile` accepts; comments say what else can be set. */
export function newPlanYaml({
  endpoint,
  existing,
  blue,
  deployments,
  newest,
  target,
  ...given
}: Found): string {
  const rows = given.rows ?? (blue?.dataCollector ? 'collected:24h' : 'rows.csv');
  const serving = blue && parseModel(blue.model);
  const model = serving?.name ?? RENAME_ME;
  const taken = deployments.map(({ name }) => name.toLowerCase());
  const green = freeName(blue ? taken : [...taken, 'blue']);
  return `# A rollout for aml-rollout. Every key with its default: docs/plan.md of the package.
# Without --yes, aml-rollout run THIS_FILE checks it and changes nothing.
version: 1
endpoint:
  name: ${scalar(endpoint)}
  auth: ${existing?.authMode ?? 'key'}
${blue ? servingBlue(blue) : newBlue(model)}
green:
  name: ${green}
  model:
    name: ${scalar(model)}
${versionLines(serving?.version !== undefined && serving.version === newest)}
  # Green has blue's size and settings, except for what is set here.
  # instanceType: Standard_DS3_v2
  # instanceCount: 1
# Rows that are sent to both: a CSV, JSON lines or Parquet file, a data asset, or collected:24h for what users sent
# to blue. target: the column that holds the truth, so that right answers are counted.
evidence:
  data: ${scalar(rows)}
  rows: 300
  ${target === undefined ? '# target: label' : `target: ${scalar(target)}`}
# Green's traffic weights in percent, and how long it stays at each.
weights: [10, 30, 50, 80, 100]
holds: {minutes: 5}
# A hold for approval at one of them: aml-rollout resume THIS_FILE --approve 50
# steps:
#   - {at: 50, holds: {approval: true}}
# What happens when a gate fails: the split at the start is restored, or the rollout holds.
onFail: rollback
# Limits of gates: enforce, warn or off.
# gates: {accuracy: {margin: 2%}, latency: {mode: warn}}
# Blue at the end: keep, scale-to-one, or {delete: ${scalar(blue?.name ?? 'blue')}}
retire: keep
`;
}

/** Without a newer version there is nothing to roll out yet. */
const versionLines = (isNewest: boolean): string =>
  isNewest
    ? `    # Blue serves the newest version. Register a newer one, or name the folder of the new model,
    # which is registered first:
    path: ./your-model-folder`
    : `    # The version registered last. In place of it, path: FOLDER registers a folder first.
    version: latest`;

const servingBlue = ({ name, model, instanceType, instanceCount }: Deployment): string =>
  sanitizeLine(
    `# Blue is what serves now: ${name}, ${shownModel(model)}, ${instanceCount ?? 1} x ${instanceType ?? 'unknown size'}.`,
  );

const newBlue = (model: string): string => `# Nothing serves yet, so blue is created first.
blue:
  name: blue
  model:
    name: ${scalar(model)}
    version: '1'
  instanceType: Standard_DS3_v2
  instanceCount: 1`;
