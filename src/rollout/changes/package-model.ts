import { createHash } from 'node:crypto';
import { nameProblem } from '../names.js';
import type { Snapshot } from '../snapshot.js';
import type { ChangeKind, PackageModel } from './change.js';
import { member } from './members.js';
import { finish } from './operation.js';

/** A package is made once for a version of a model, so its environment has one version. */
const ONLY_VERSION = '1';
const word = (text: string): string => text.replace(/\W+/g, '_').slice(0, 80);

/**
 * Letters, digits and underscores: azure-ai-ml reads a version after no other name. The mark tells
 * apart what the spelling does not, and a version that was deleted and registered anew.
 */
export function packageOf(model: { name: string; version: string; uri: string }): PackageModel {
  const { name, version, uri } = model;
  const mark = createHash('sha256')
    .update(`${name}:${version}:${uri.toLowerCase()}`)
    .digest('hex')
    .slice(0, 8);
  return {
    kind: 'packageModel',
    model: name,
    version,
    environment: `packaged_${word(name)}_${word(version)}_${mark}`,
    environmentVersion: ONLY_VERSION,
  };
}

/** Of a model that is served from a registry. */
export const packageProblem = (deployment: string): string =>
  `${deployment} can only be packaged from a model of this workspace: register the model here first.`;

/** As a deployment names it. */
export const environmentId = (change: PackageModel, { workspace }: Snapshot): string =>
  `${workspace.id}/environments/${change.environment}/versions/${change.environmentVersion}`;

const failed = (state: string | undefined): boolean => /^(failed|canceled)$/i.test(state ?? '');

function standing(change: PackageModel, seen: Snapshot) {
  return seen.environments?.find(
    ({ name, version }) => name === change.environment && version === change.environmentVersion,
  );
}

export const packageModelKind: ChangeKind<PackageModel> = {
  members: {
    model: member.modelName,
    version: member.versionName,
    environment: member.modelName,
    environmentVersion: member.versionName,
  },
  // Not recorded: an image is built, which mostly takes some ten minutes.
  usualSeconds: 600,
  title: (change) => `package model ${change.model}:${change.version}`,

  guard(change, now) {
    const problem = nameProblem('model', change.model) ?? nameProblem('version', change.version);
    if (problem) return problem;
    return failed(standing(change, now)?.provisioningState)
      ? `Packaging ${change.model}:${change.version} failed before. Fix the model, register its next version, and package that.`
      : undefined;
  },

  async apply(change, context) {
    const { model: name, version, environment, environmentVersion } = change;
    const { workspace, signal } = context;
    // The same version was packaged before, and a version never changes.
    if (await workspace.environmentVersion(environment, environmentVersion, signal)) return;
    const operation = await workspace.packageModel(
      { name, version },
      { name: environment, version: environmentVersion },
      signal,
    );
    if (operation) await finish(operation, context);
  },

  readBack(change, after) {
    const there = standing(change, after);
    if (!there) {
      return `The workspace does not list environment ${change.environment}:${change.environmentVersion}.`;
    }
    return failed(there.provisioningState)
      ? `Environment ${there.name}:${there.version} is ${there.provisioningState ?? ''}.`
      : undefined;
  },
};
