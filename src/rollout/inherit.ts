/** What green takes over from blue, what it can't, and in what the two differ in the end. */
import { isDeepStrictEqual } from 'node:util';
import type { Deployment, DeploymentSpec } from '../azure/types.js';
import { HIDDEN, hideSecrets } from '../common/hide-secrets.js';
import type { JournalView } from './journal/view.js';
import { AZURE_PROBE } from './probes.js';

/** What the model itself decides, so that green has its own. */
type OfTheModel = 'model' | 'packagedEnvironment';
type Carried = Omit<DeploymentSpec, OfTheModel>;

/** Every member that Azure takes on create, with the name that files and `az ml` have for it. */
export const CARRIED_MEMBERS = {
  instanceType: 'instance_type',
  instanceCount: 'instance_count',
  description: 'description',
  tags: 'tags',
  properties: 'properties',
  environmentVariables: 'environment_variables',
  requestSettings: 'request_settings',
  livenessProbe: 'liveness_probe',
  readinessProbe: 'readiness_probe',
  startupProbe: 'startup_probe',
  modelMountPath: 'model_mount_path',
  environment: 'environment',
  codeConfiguration: 'code_configuration',
  dataCollector: 'data_collector',
  appInsightsEnabled: 'app_insights_enabled',
  egressPublicNetworkAccess: 'egress_public_network_access',
} as const satisfies Record<Exclude<keyof Carried, 'environmentDefinition'>, string>;

export type CarriedMember = keyof typeof CARRIED_MEMBERS;
const MEMBERS = Object.keys(CARRIED_MEMBERS) as CarriedMember[];

/** Those of them that it has. */
export const carriedMembers = (spec: Partial<DeploymentSpec>): CarriedMember[] =>
  MEMBERS.filter((member) => !isEmpty(spec[member]));

/** Tags by which this program remembers what is true of one deployment only. */
const OWN_TAG = /^aml-rollout\./;

/** Blue's definition without its model: what green asks for unless a plan, a file or a person says otherwise. */
export function inherited(blue: Partial<Deployment>): Partial<Carried> {
  const { environmentDefinition } = blue;
  const spec: Partial<Carried> = {
    ...Object.fromEntries(carriedMembers(blue).map((member) => [member, blue[member]])),
    // It belongs to `environment`, and only what is not created yet has one.
    ...(environmentDefinition && { environmentDefinition }),
  };
  if (!spec.tags) return spec;
  const tags = Object.fromEntries(Object.entries(spec.tags).filter(([key]) => !OWN_TAG.test(key)));
  const { tags: _, ...others } = spec;
  return Object.keys(tags).length > 0 ? { ...others, tags } : others;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** A member of blue that green can't be given. */
export interface Loss {
  member: string;
  sentence: string;
}

/** As it is, or as the plan has it where the rollout creates it. */
type Blue = Pick<Deployment, 'name' | 'otherMembers'> & Partial<DeploymentSpec>;

/** What blue has and green does not get; green is not created before a person approves of it. */
export function notCarried(blue: Blue, green: Partial<DeploymentSpec>): Loss[] {
  const unknown = Object.entries(blue.otherMembers ?? {}).map(([member, value]) => ({
    member,
    sentence: `${blue.name} has ${member} = ${shown(value)}, which green does not get: this program can't write it.`,
  }));
  const own = inherited(blue);
  const missing = carriedMembers(own).flatMap((each) => {
    if (isEmpty(green[each])) {
      if (isAzureDefault(each, blue[each])) return [];
      const value =
        each === 'environmentVariables'
          ? Object.keys(blue.environmentVariables ?? {}).join(', ')
          : shown(blue[each]);
      return [lost(blue.name, CARRIED_MEMBERS[each], value)];
    }
    return lostParts(each, own[each], green[each]).map(({ part, value }) =>
      lost(
        blue.name,
        `${CARRIED_MEMBERS[each]}.${part}`,
        each === 'environmentVariables' ? HIDDEN : shown(value),
      ),
    );
  });
  return [...unknown, ...missing];
}

const lost = (name: string, member: string, value: string): Loss => ({
  member,
  sentence: `${name} has ${member} = ${value}, which green does not get: its definition leaves it out.`,
});

/** Azure's own. The queue wait is deprecated, and its default was another one once. */
const REQUEST_DEFAULTS: Entries = { requestTimeoutMs: 5000, maxConcurrentRequestsPerInstance: 1 };

/** What blue has within a member that green has too: a setting that green leaves at Azure's default, or an entry. */
function lostParts(
  member: CarriedMember,
  blue: unknown,
  green: unknown,
): { part: string; value: unknown }[] {
  const [from, to] = [entriesOf(blue), entriesOf(green)];
  if (member === 'requestSettings') {
    return Object.entries(REQUEST_DEFAULTS)
      .filter(([key, by]) => from[key] !== by && to[key] === by)
      .map(([key]) => ({ part: snake(key), value: from[key] }));
  }
  const entries = ENTRIES[member];
  if (!entries) return [];
  const [has, gets] = [entries(from), entries(to)];
  return Object.entries(has)
    .filter(([key, value]) => gets[key] === undefined && entriesOf(value)['enabled'] !== false)
    .map(([key, value]) => ({ part: key, value }));
}

type Entries = Record<string, unknown>;

/** Members with entries by name, each of which can be missing. */
const ENTRIES: { [M in CarriedMember]?: (value: Entries) => Entries } = {
  environmentVariables: (value) => value,
  tags: (value) => value,
  properties: (value) => value,
  dataCollector: ({ collections }) => entriesOf(collections),
};

const entriesOf = (value: unknown): Entries =>
  typeof value === 'object' && value !== null ? (value as Entries) : {};

const snake = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Those that nobody has approved of in this rollout. */
export const unapprovedLosses = (
  blue: Blue,
  green: Partial<DeploymentSpec>,
  { choice }: JournalView,
): Loss[] =>
  notCarried(blue, green).filter(({ member }) => !choice.approvedLosses?.includes(member));

/** What green gets from Azure where nothing is said: Microsoft Learn, "managed online deployment YAML schema". */
const AZURE_DEFAULTS: { [M in CarriedMember]?: Carried[M] } = {
  appInsightsEnabled: false,
  egressPublicNetworkAccess: 'enabled',
  livenessProbe: AZURE_PROBE,
  readinessProbe: AZURE_PROBE,
};

function isAzureDefault(member: CarriedMember, value: unknown): boolean {
  if (member !== 'requestSettings') return isDeepStrictEqual(value, AZURE_DEFAULTS[member]);
  const set = entriesOf(value);
  return Object.entries(REQUEST_DEFAULTS).every(([key, by]) => set[key] === by);
}

export interface Difference {
  /** As files call it; `environment_variables.NAME` for one variable. */
  member: string;
  /** `-` where it has none. Values of environment variables are never shown, nor what looks like a secret. */
  blue: string;
  green: string;
}

/** Member by member, but for the model. Empty: they differ in their model only. */
export function differences(blue: Deployment, green: Deployment): Difference[] {
  const found: Difference[] = [];
  for (const member of MEMBERS) {
    const name = CARRIED_MEMBERS[member];
    if (member === 'environmentVariables' || member === 'tags' || member === 'properties') {
      found.push(...entryDifferences(name, blue[member] ?? {}, green[member] ?? {}));
    } else if (!isDeepStrictEqual(blue[member], green[member])) {
      found.push({ member: name, blue: shown(blue[member]), green: shown(green[member]) });
    }
  }
  const names = new Set([blue, green].flatMap((each) => Object.keys(each.otherMembers ?? {})));
  for (const member of names) {
    const [left, right] = [blue.otherMembers?.[member], green.otherMembers?.[member]];
    if (!isDeepStrictEqual(left, right)) {
      found.push({ member, blue: shown(left), green: shown(right) });
    }
  }
  return found;
}

/** `green differs from default in its model and instance_count (2, now 1).` */
export function differencesLine(
  { blue, green }: { blue: string; green: string },
  found: readonly Difference[],
): string {
  if (found.length === 0) return `${green} differs from ${blue} in its model only.`;
  const members = found.map(({ member, blue: was, green: is }) => `${member} (${was}, now ${is})`);
  return `${green} differs from ${blue} in its model and ${members.join(', ')}.`;
}

function entryDifferences(
  name: string,
  blue: Record<string, string>,
  green: Record<string, string>,
): Difference[] {
  const keys = [...new Set([...Object.keys(blue), ...Object.keys(green)])];
  return keys
    .filter((key) => !OWN_TAG.test(key) && blue[key] !== green[key])
    .map((key) => {
      const open = (value: string | undefined): string =>
        value !== undefined && name === CARRIED_MEMBERS.environmentVariables
          ? HIDDEN
          : shown(value);
      return { member: `${name}.${key}`, blue: open(blue[key]), green: open(green[key]) };
    });
}

function shown(value: unknown): string {
  if (isEmpty(value)) return '-';
  return hideSecrets(typeof value === 'string' ? value : JSON.stringify(value));
}
