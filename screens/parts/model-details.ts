/** What is known of a model before it is used: its signature and flavors beside blue's, and registered versions. */
import type { ModelVersion } from '../../src/azure/types.js';
import { hideSecrets, hideSecretsIn } from '../../src/common/hide-secrets.js';
import { sameModel } from '../../src/common/model-ref.js';
import type { ModelLook } from '../../src/wizard/effects/models.js';
import type { State } from '../../src/wizard/state.js';
import {
  ADOPT,
  blueModelOf,
  FROM_FOLDER,
  FROM_JOB,
  FROM_URI,
  NOTHING,
  rejectedModels,
} from '../../src/wizard/steps/model-list.js';
import type { ModelScreenState } from '../../src/wizard/steps/model-subject.js';
import { deploymentOf } from '../../src/wizard/steps/deployment-form.js';
import { blockRows, factBlock, tableBlock, type Block, type Fact } from './blocks.js';
import { deploymentsTable } from './deployments-table.js';
import { than } from './model-review.js';
import { signatureBlocks } from './signature-blocks.js';
import { tagsText } from './tags-text.js';

/** Newest versions that are shown of a model. */
const NEWEST = 8;

/** As the MLmodel file has them. */
function flavorsBlock(look: ModelLook, blue: ModelLook | undefined, width: number): Block[] {
  const [own, others] = [look, blue].map((each) => hideSecretsIn(each?.flavorData ?? {}));
  const facts = Object.entries(own!).map(([flavor, settings]): Fact => {
    const known = others?.[flavor];
    const said = Object.entries(settings)
      .filter(([, value]) => !value.startsWith('{'))
      .map(([name, value]) => `${name} ${than(value, known?.[name])}`);
    return [flavor, said.join(', ') || undefined];
  });
  return facts.some(([, said]) => said !== undefined)
    ? [factBlock('settings of flavors', facts, width)]
    : [];
}

/** What a person knows a version by, beside its name. */
export function versionNote(state: State, { name, version }: ModelVersion): string {
  const is = (model: { name: string; version: string } | undefined): boolean =>
    model?.name === name && model.version === version;
  return is(blueModelOf(state)) ? 'blue' : rejectedModels(state).some(is) ? 'rejected' : '';
}

const dayOf = (at: string | undefined): string => at?.slice(0, 10) ?? '';

function versionsBlock(
  state: State,
  { models = [] }: ModelScreenState,
  name: string | undefined,
  width: number,
): Block[] {
  const versions = models.find((each) => each.name === name)?.versions ?? [];
  const rows = versions
    .slice(0, NEWEST)
    .map((each) => [
      `${each.name} ${each.version}`,
      dayOf(each.createdAt),
      each.type,
      each.flavors.join(', '),
      versionNote(state, each),
    ]);
  const head = ['registered', 'on', 'type', 'flavors', ''];
  return tableBlock(head, rows, width, 3);
}

function blueBlock(state: State, width: number): Block[] {
  const { opened } = state.session ?? {};
  const blue = deploymentOf(opened, 'blue');
  return blue
    ? deploymentsTable('serves now', [['BLUE', blue]], opened?.snapshot.endpoint, width)
    : [];
}

/** Of a model that was read, for so many rows. */
export function lookDetails(
  state: State,
  screen: ModelScreenState,
  width: number,
  rows: number,
): Block[] {
  const { look, liveLook, subject } = screen;
  const flavors = look ? flavorsBlock(look, liveLook, width) : [];
  const rest = rows - blockRows(flavors, rows);
  return [
    ...flavors,
    ...(look ? signatureBlocks(look, liveLook, width, rest) : []),
    ...versionsBlock(state, screen, subject?.model, width),
    ...blueBlock(state, width),
  ];
}

const READ: Fact[] = [
  ['reads', 'flavors, signature, and the files that the container installs its packages from'],
  ['finds', 'what would stop its container on Azure, and what callers of blue would notice'],
  ['writes', 'nothing: the next screen registers it'],
];

const PLACES: Fact[] = [
  ['job output', 'azureml://jobs/JOB/outputs/artifacts/paths/model'],
  ['run', 'runs:/RUN/model'],
  ['registered', 'azureml:NAME:VERSION or azureml:NAME@latest'],
  ['registry', 'azureml://registries/REGISTRY/models/NAME/versions/VERSION'],
];

function placeBlocks(mode: 'folder' | 'uri', width: number): Block[] {
  const read = factBlock('before it is used', READ, width);
  return mode === 'uri' ? [factBlock('places', PLACES, width), read] : [read];
}

/** Of a folder or a place that is to be typed. */
export const placeDetails = (
  state: State,
  screen: ModelScreenState,
  mode: 'folder' | 'uri',
  width: number,
): Block[] => [
  ...placeBlocks(mode, width),
  ...versionsBlock(state, screen, blueModelOf(state)?.name, width),
  ...blueBlock(state, width),
];

function versionFacts({ session }: State, version: ModelVersion): Fact[] {
  const deployments = session?.opened?.snapshot.deployments ?? [];
  const runs = deployments.filter(({ model }) => sameModel(model, version.id));
  return [
    ['type', version.type],
    ['registered', dayOf(version.createdAt) || undefined],
    ['flavors', version.flavors.join(', ') || undefined],
    ['description', version.description && hideSecrets(version.description)],
    ['tags', tagsText(version.tags)],
    ['files', version.uri],
    ['runs as', runs.map(({ name }) => name).join(', ') || 'no deployment of this endpoint'],
  ];
}

/** Of the item under the cursor of the list. */
function itemBlocks(
  { session }: State,
  { jobs }: ModelScreenState,
  value: string,
  width: number,
): Block[] {
  if (value === FROM_FOLDER || value === NOTHING) return placeBlocks('folder', width);
  if (value === FROM_URI) return placeBlocks('uri', width);
  const job = jobs?.find(({ uri }) => `${FROM_JOB}${uri}` === value);
  if (job) {
    const logged = dayOf(job.createdAt) || undefined;
    const facts: Fact[] = [['logged', logged], ['place', job.uri], ...READ];
    return [factBlock(`job ${job.displayName ?? job.job}`, facts, width)];
  }
  const { deployments = [], endpoint } = session?.opened?.snapshot ?? {};
  const idle = deployments.find(({ name }) => `${ADOPT}${name}` === value);
  return idle ? deploymentsTable('becomes', [['GREEN', idle]], endpoint, width) : [];
}

export function modelDetails(
  state: State,
  screen: ModelScreenState,
  value: string,
  width: number,
): Block[] {
  const version = screen.models
    ?.flatMap(({ versions }) => versions)
    .find((each) => `${each.name}:${each.version}` === value);
  return [
    ...(version
      ? [factBlock(`${version.name} ${version.version}`, versionFacts(state, version), width)]
      : itemBlocks(state, screen, value, width)),
    ...blueBlock(state, width),
  ];
}
