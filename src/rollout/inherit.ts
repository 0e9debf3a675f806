/** What green takes over from blue, what it can't, and in what the two differ in the end. */
import { isDeepStrictEqual } from 'node:util';
import type { Deployment, DeploymentSpec } from '../azure/types.js';
import { stringifyJson } from '../common/exact-numbers.js';
import { hideSecrets } from '../common/hide-secrets.js';
import { HIDDEN } from '../common/secret-names.js';
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

const OF_PACKAGE = new Set<keyof DeploymentSpec>([
  'environment',
  'environmentDefinition',
  'codeConfiguration',
  'modelMountPath',
]);

/** A package has its own environment and scoring script, and its model is not mounted. */
export const withoutPackaged = <T extends Partial<DeploymentSpec>>(spec: T): T =>
  Object.fromEntries(
    Object.entries(spec).filter(([member]) => !OF_PACKAGE.has(member as keyof DeploymentSpec)),
  ) as T;

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
      const packaged = green.packagedEnvironment !== undefined && OF_PACKAGE.has(each);
      return [lost(blue.name, CARRIED_MEMBERS[each], value, packaged ? BY_PACKAGE : LEFT_OUT)];
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

const LEFT_OUT = 'its definition leaves it out';
const BY_PACKAGE = 'its model is packaged, and a package brings its own';

const lost = (name: string, member: string, value: string, why = LEFT_OUT): Loss => ({
  member,
  sentence: `${name} has ${member} = ${value}, which green does not get: ${why}.`,
});

/** Settings, each with the values that Azure gives it where a definition leaves it out. */
type Settings = Record<string, readonly unknown[]>;

const PROBE_DEFAULTS: Settings = Object.fromEntries(
  Object.entries(AZURE_PROBE).map(([key, value]) => [key, [value]]),
);

const SETTINGS: { [M in CarriedMember]?: Settings } = {
  requestSettings: {
    requestTimeoutMs: [5000],
    maxConcurrentRequestsPerInstance: [1],
    // Deprecated: the one is documented, and the other is what the service sets.
    maxQueueWaitMs: [500, 0],
  },
  livenessProbe: PROBE_DEFAULTS,
  readinessProbe: PROBE_DEFAULTS,
  startupProbe: PROBE_DEFAULTS,
};

const isUsual = (value: unknown, usual: readonly unknown[]): boolean =>
  value === undefined || usual.includes(value);

/** What blue has within a member that green has too, and green's definition leaves out. */
function lostParts(member: CarriedMember, blue: unknown, green: unknown): Part[] {
  const [from, to] = [entriesOf(blue), entriesOf(green)];
  const settings = SETTINGS[member];
  if (settings) return lostSettings(settings, from, to);
  if (member === 'dataCollector') return lostOfCollector(from, to);
  return WITH_ENTRIES.has(member) ? lostEntries(from, to) : [];
}

interface Part {
  part: string;
  value: unknown;
}

const lostSettings = (settings: Settings, from: Entries, to: Entries): Part[] =>
  Object.entries(settings)
    .filter(([key, usual]) => to[key] === undefined && !isUsual(from[key], usual))
    .map(([key]) => ({ part: snake(key), value: from[key] }));

const lostEntries = (from: Entries, to: Entries): Part[] =>
  Object.entries(from)
    .filter(([key]) => to[key] === undefined)
    .map(([key, value]) => ({ part: key, value }));

function lostOfCollector(from: Entries, to: Entries): Part[] {
  const [has, gets] = [from, to].map(({ collections }) => entriesOf(collections));
  const collected = Object.fromEntries(
    Object.entries(has!).filter(([, each]) => entriesOf(each)['enabled'] !== false),
  );
  const parts = Object.entries(collected).flatMap(([name, each]) =>
    gets![name] === undefined
      ? []
      : lostSettings({ samplingRate: [1] }, entriesOf(each), entriesOf(gets![name])).map(
          ({ part, value }) => ({ part: `${name}.${part}`, value }),
        ),
  );
  const own = lostSettings({ rollingRate: ['Hour'], captureHeaders: [] }, from, to);
  return [...lostEntries(collected, gets!), ...parts, ...own];
}

type Entries = Record<string, unknown>;

/** Members with entries by name, each of which can be missing. */
const WITH_ENTRIES = new Set<CarriedMember>(['environmentVariables', 'tags', 'properties']);

const entriesOf = (value: unknown): Entries =>
  typeof value === 'object' && value !== null ? (value as Entries) : {};

const snake = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Those that nobody has approved of in this rollout. */
export const unapproved = (losses: readonly Loss[], { choice }: JournalView): Loss[] =>
  losses.filter(({ member }) => !choice.approvedLosses?.includes(member));

/** What green gets from Azure where nothing is said: Microsoft Learn, "managed online deployment YAML schema". */
const AZURE_DEFAULTS: { [M in CarriedMember]?: Carried[M] } = {
  appInsightsEnabled: false,
  egressPublicNetworkAccess: 'enabled',
};

function isAzureDefault(member: CarriedMember, value: unknown): boolean {
  // Without its member there is no startup probe at all.
  const settings = member === 'startupProbe' ? undefined : SETTINGS[member];
  return settings
    ? lostSettings(settings, entriesOf(value), {}).length === 0
    : isDeepStrictEqual(value, AZURE_DEFAULTS[member]);
}

export interface Difference {
  /** As files call it; `environment_variables.NAME` for one variable. */
  member: string;
  /** `-` where it has none. Values of environment variables are never shown, nor what looks like a secret. */
  blue: string;
  green: string;
}

/** Members that both have alike, by the names that files have for them. */
export const sameMembers = (
  blue: Partial<DeploymentSpec>,
  green: Partial<DeploymentSpec>,
): string[] =>
  carriedMembers(blue)
    .filter((member) => isDeepStrictEqual(blue[member], green[member]))
    .map((member) => CARRIED_MEMBERS[member]);

type Compared = Partial<DeploymentSpec> & Pick<Deployment, 'otherMembers'>;

/** Member by member, but for the model. Empty: they differ in their model only. */
export function differences(blue: Compared, green: Compared): Difference[] {
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
  return hideSecrets(typeof value === 'string' ? value : (stringifyJson(value) ?? ''));
}
