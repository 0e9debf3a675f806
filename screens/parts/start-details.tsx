/** What is known of the row under the cursor of the start screen, from files of this machine alone. */
import type { ConnectionForm } from '../../src/wizard/effects/profiles.js';
import type { StartInfo } from '../../src/wizard/effects/start.js';
import type { ProfileChoice } from '../../src/wizard/state.js';
import { connectionFields } from '../../src/wizard/steps/connection-form.js';
import { NEW_CONNECTION } from '../../src/wizard/steps/open-workspace.js';
import { factBlock, type Block, type Fact } from './blocks.js';
import { changeEntry, changeLines } from './change-log.js';
import { ago } from './time.js';

type Rollout = StartInfo['rollouts'][number];

interface Around {
  info: StartInfo;
  width: number;
  now: number;
}

/** The steps of a rollout by their titles, for those who have not seen one yet. */
export const WHAT_STEPS_DO: Readonly<Record<string, string>> = {
  endpoint: 'open an endpoint, or create one',
  model: 'choose the first model, where no deployment serves yet',
  blue: 'create its deployment and set it to 100%',
  test: 'send a few rows through the endpoint',
  'new model': "choose the new version; its signature is compared with that of blue's model",
  green: 'create its deployment beside blue, at 0%',
  prove: 'send the same rows to blue and green; gates compare the answers',
  traffic: 'raise green step by step; one key restores the split at the start',
  retire: 'keep blue, scale it to one instance, or delete it',
  report: 'write the report, and the scripts that repeat the rollout',
};

export const stepsBlock = (width: number): Block =>
  factBlock('steps of a rollout', Object.entries(WHAT_STEPS_DO), width);

/** The fields of the form that have no secret and say which workspace it is. */
const CONNECTION = ['subscriptionId', 'resourceGroup', 'workspaceName', 'cloud', 'signIn'];

const connectionFacts = (known: Partial<ConnectionForm>): Fact[] =>
  connectionFields(known)
    .filter(({ id, value }) => CONNECTION.includes(id) && value !== '')
    .map(({ label, value, options }) => [
      label.toLowerCase(),
      options?.find((option) => option.value === value)?.label ?? value,
    ]);

const usedText = ({ lastUsedAt }: ProfileChoice, now: number): string =>
  lastUsedAt === undefined ? 'not used yet' : ago(lastUsedAt, now);

/** Rollouts of a workspace, under way or with a blue that is kept. */
function rolloutsBlock(profile: ProfileChoice, { info, width, now }: Around): Block[] {
  const own = info.rollouts.filter(({ profileId }) => profileId === profile.id);
  const facts = own.map((each): [string, string] => [
    each.endpoint,
    `${each.summary}, ${ago(each.lastAt, now)}`,
  ]);
  return facts.length === 0 ? [] : [factBlock('its rollouts', facts, width)];
}

function profileBlocks(profile: ProfileChoice, around: Around): Block[] {
  const { width, now } = around;
  if (profile.sandbox) {
    const facts: Fact[] = [
      ['what it is', "an Azure ML workspace on this machine that speaks Azure's own protocol"],
      ['cost', 'none: no account, nothing is billed'],
      ['start over', 'the command sandbox --fresh empties it'],
    ];
    return [
      factBlock('sandbox', facts, width),
      ...rolloutsBlock(profile, around),
      stepsBlock(width),
    ];
  }
  const facts: Fact[] = [
    ...connectionFacts(profile.connection ?? {}),
    ['used', usedText(profile, now)],
    ['production', profile.prod ? 'yes: shown as PROD on every screen' : undefined],
  ];
  return [factBlock(profile.name, facts, width), ...rolloutsBlock(profile, around)];
}

export function rolloutBlocks(
  rollout: Rollout,
  { info, width, now }: Around,
  rows: number,
): Block[] {
  const { about, endpoint, summary, lastAt, profileId } = rollout;
  const profile = info.profiles.find(({ id }) => id === profileId);
  const facts: Fact[] = [
    ['state', summary],
    ['split', about?.split && `${about.split.text}, set ${ago(about.split.at, now)}`],
    ['green', about?.green],
    ['plan', about?.weights && `${about.weights.join('%, ')}%`],
    ['gates', about?.judged],
    ['started', about?.openedAt && `${ago(about.openedAt, now)} by ${about.owner ?? 'someone'}`],
    ['last entry', ago(lastAt, now)],
    [
      'workspace',
      profile?.sandbox ? profile.detail : profile && `${profile.name}: ${profile.detail}`,
    ],
  ];
  const known = factBlock(`${endpoint}, from the journal on this machine`, facts, width);
  const entries = (about?.changes ?? []).flatMap(changeEntry);
  const most = rows - known.lines.length - 4;
  const lines = most < 1 ? [] : changeLines(entries, { width, most, now });
  return [
    known,
    ...(lines.length > 0
      ? [{ head: 'changes so far', lines: lines.map((line) => line.slice(1)) }]
      : []),
  ];
}

/** Of what the list calls `value`, for so many rows. */
export function startDetails(value: string | undefined, around: Around, rows: number): Block[] {
  const { info, width } = around;
  if (value === NEW_CONNECTION) {
    const { from, connection = {} } = info.discovered ?? {};
    const facts: Fact[] = [
      ['found in', from],
      ...connectionFacts(connection),
      ['role needed', 'AzureML Data Scientist on the workspace; the command doctor checks it'],
      ['saved', 'under a name, on this machine, without secrets'],
    ];
    return [factBlock('new connection', facts, width), stepsBlock(width)];
  }
  const rollout = value?.startsWith('rollout:')
    ? info.rollouts[Number(value.slice('rollout:'.length))]
    : undefined;
  if (rollout) return rolloutBlocks(rollout, around, rows);
  const profile = info.profiles.find(({ id }) => `profile:${id}` === value);
  return profile ? profileBlocks(profile, around) : [];
}
