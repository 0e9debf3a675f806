/** What is known of an endpoint before it is opened or created, of its workspace, and of the rollout to come. */
import type { Endpoint } from '../../src/azure/types.js';
import { hideSecrets } from '../../src/common/hide-secrets.js';
import { formatSplit, liveNames } from '../../src/common/split.js';
import { decodeTags, encodeTags } from '../../src/rollout/tags.js';
import type { Session, State } from '../../src/wizard/state.js';
import { AUTH_MODES } from '../../src/wizard/steps/endpoint-form.js';
import { factBlock, tableBlock, type Block, type Fact } from './blocks.js';
import { deploymentsTable } from './deployments-table.js';
import { rolloutBlocks, stepsBlock } from './start-details.js';
import { tagsText } from './tags-text.js';
import { ago } from './time.js';

/** Names of the tags that rollouts write. */
const OURS = Object.keys(encodeTags({ roles: {} }));

const splitOf = (split: Record<string, number> | undefined): string | undefined =>
  split && liveNames(split).length > 0 ? formatSplit(split) : undefined;

/** Its tags say so, whoever began it on whichever machine. */
function underWay({ tags }: Endpoint): string {
  const { rolloutId, owner } = decodeTags(tags);
  return rolloutId === undefined ? '' : `rollout of ${owner?.split('@')[0] ?? 'someone'}`;
}

/** Name, state, split, and whose rollout is under way. */
export const endpointCells = (endpoint: Endpoint): string[] => [
  endpoint.name,
  endpoint.provisioningState,
  formatSplit(endpoint.traffic),
  underWay(endpoint),
];

function identityOf({ type, userAssignedIds = [] }: Endpoint['identity']): string {
  if (type === 'system_assigned') return 'system-assigned';
  return `user-assigned: ${userAssignedIds.map((id) => id.split('/').at(-1) ?? id).join(', ')}`;
}

function factsOf(endpoint: Endpoint, region: string, now: number): Fact[] {
  const { rolloutId, owner, roles, start, previous } = decodeTags(endpoint.tags);
  const own = Object.entries(endpoint.tags).filter(([name]) => !OURS.includes(name));
  const named = [roles.blue && `blue ${roles.blue}`, roles.green && `green ${roles.green}`];
  const { kubernetes, createdAt, modifiedAt, publicNetworkAccess } = endpoint;
  return [
    ['state', endpoint.provisioningState],
    ['split', formatSplit(endpoint.traffic)],
    ['mirrored', splitOf(endpoint.mirrorTraffic)],
    ['rollout', rolloutId && `under way, started by ${owner ?? 'someone'}`],
    ['deployments', named.filter(Boolean).join(', ') || undefined],
    ['abort sets', rolloutId && splitOf(start)],
    ['rollback sets', splitOf(previous)],
    ['authentication', AUTH_MODES.find(({ value }) => value === endpoint.authMode)?.label],
    ['identity', identityOf(endpoint.identity)],
    ['public network', publicNetworkAccess],
    ['cluster', kubernetes && `${kubernetes.split('/').at(-1) ?? ''}: read-only here`],
    ['region', endpoint.location === region ? undefined : endpoint.location],
    ['description', endpoint.description && hideSecrets(endpoint.description)],
    ['tags', tagsText(Object.fromEntries(own))],
    ['created', createdAt && ago(createdAt, now)],
    ['last change', modifiedAt && ago(modifiedAt, now)],
    ['scoring URI', endpoint.scoringUri],
  ];
}

const workspaceBlock = ({ info, who }: Session, width: number): Block =>
  factBlock(
    'workspace',
    [
      ['name', info.workspaceName],
      ['region', info.location],
      ['resource group', info.resourceGroup],
      ['subscription', info.subscriptionId],
      ['public network', info.publicNetworkAccess],
      ['managed network', info.managedNetwork],
      ['signed in as', who],
    ],
    width,
  );

const NEW: Fact[] = [
  ['creates', 'the address that callers use; it serves nothing until blue is created'],
  ['costs', 'nothing by itself: deployments are billed by instance'],
  ['later', 'the report step offers to delete it, since this rollout created it'],
];

/** Of the endpoint that is opened, by role where it has one. */
function deploymentsOf({ opened }: Session, name: string, width: number): Block[] {
  if (opened?.endpoint !== name) return [];
  const { deployments, endpoint } = opened.snapshot;
  const { blue, green } = opened.roles;
  const roleOf = (each: string): string =>
    each === blue ? 'BLUE' : each === green ? 'GREEN' : '-';
  const rows = deployments.map((each) => [roleOf(each.name), each] as const);
  return deploymentsTable('role', rows, endpoint, width);
}

const newBlocks = (session: Session, width: number, taken: readonly Block[] = []): Block[] => [
  factBlock('new endpoint', NEW, width),
  ...taken,
  workspaceBlock(session, width),
  stepsBlock(width),
];

/** Of a new endpoint, with those whose names are taken. */
export function newEndpointDetails({ session }: State, width: number): Block[] {
  if (!session) return [];
  const rows = session.endpoints.map(endpointCells);
  const head = ['endpoints here', 'state', 'split', 'rollout'];
  return newBlocks(session, width, tableBlock(head, rows, width, 3));
}

/** Of the one under the cursor of the list, for so many rows. */
export function endpointDetails(
  state: State,
  name: string | undefined,
  width: number,
  rows: number,
): Block[] {
  const { session, now } = state;
  const endpoint = session?.endpoints.find((each) => each.name === name);
  if (!session) return [];
  if (!endpoint) return newBlocks(session, width);
  const info = state.screens.workspace?.info;
  const rollout = info?.rollouts.find(
    (each) => each.profileId === session.profile.id && each.endpoint === endpoint.name,
  );
  const known = factBlock(endpoint.name, factsOf(endpoint, session.info.location, now), width);
  return [
    known,
    ...deploymentsOf(session, endpoint.name, width),
    ...(info && rollout
      ? rolloutBlocks(rollout, { info, width, now }, rows - known.lines.length - 2)
      : []),
    workspaceBlock(session, width),
  ];
}

/** Of the deployments from which blue is chosen. */
export function rolesDetails({ session, now }: State, width: number): Block[] {
  const endpoint = session?.opened?.snapshot.endpoint;
  return session && endpoint
    ? [
        ...deploymentsOf(session, endpoint.name, width),
        factBlock(endpoint.name, factsOf(endpoint, session.info.location, now), width),
        workspaceBlock(session, width),
      ]
    : [];
}
