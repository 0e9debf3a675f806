/** The sandbox's one registry, and where its models' files are sent. */
import { createHash } from 'node:crypto';
import { workspaceHost } from '../hosts.js';
import { REGISTRY } from '../registry.js';
import { own } from '../model.js';
import { type ArmCall, type ArmReply, ok, param } from './call.js';
import { SAS_LIFETIME_MS, blobHost, blobReference } from './datastores.js';
import { conflict } from './errors.js';

export function listRegistries(call: ArmCall): ArmReply {
  return ok({ value: [registryBody(call)] });
}

export function getRegistry(call: ArmCall): ArmReply {
  return ok(registryBody(call));
}

/**
 * Both ways to ask for a place to upload to: `startPendingUpload` of ARM and `tempdatarefs` of the
 * data plane. Every version has a container of its own, and clients write to its root.
 */
export async function registryUpload(call: ArmCall): Promise<ArmReply> {
  const { context } = call;
  const [name, version] = [param(call, 'model'), param(call, 'version')];
  const known = own(context.state.registryModels ?? {}, name.toLowerCase());
  if (known !== undefined && own(known.versions, version) !== undefined)
    throw conflict(`Asset ${name} with version ${version} already exists in registry ${REGISTRY}.`);
  const digest = createHash('sha256').update(`${name.toLowerCase()}/${version}`).digest('hex');
  const container = `${REGISTRY}-${digest.slice(0, 20)}`;
  const access = context.container(container);
  await access.createContainer();
  const url = `https://${blobHost(context.state.config)}/${container}`;
  const sas = access.sas('racwl', SAS_LIFETIME_MS);
  return ok(blobReference(call, url, `${url}?${sas}`, digest));
}

function registryBody(call: ArmCall): unknown {
  const { config } = call.context.state;
  const { subscriptionId, resourceGroup, location, tenantId } = config;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/registries/${REGISTRY}`;
  return {
    id,
    name: REGISTRY,
    type: 'Microsoft.MachineLearningServices/registries',
    location,
    tags: {},
    identity: { type: 'SystemAssigned', tenantId },
    properties: {
      publicNetworkAccess: 'Enabled',
      discoveryUrl: `https://${workspaceHost(config)}/registrymanagement/v1.0/registries/${REGISTRY}/discovery`,
      intellectualPropertyPublisher: null,
      mlFlowRegistryUri: null,
      regionDetails: [{ location }],
    },
  };
}
