/** The workspace's connections, and its key vault as far as roles on it go. */
import * as z from 'zod';
import { sameName } from '../../common/same-name.js';
import { own, type ConnectionRecord } from '../model.js';
import { vaultName } from '../secrets.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  GROUP,
  RESOURCE,
  SUB,
  WS,
  ok,
  param,
  readBody,
} from './call.js';
import { armError } from './errors.js';

const VAULTS = 'providers/Microsoft.KeyVault/vaults';
export const VAULT = `${GROUP}/${VAULTS}/:vault`;
const CONNECTION = `${WS}/connections/:connection`;

export function secretRoutes(on: AddArmRoute): void {
  on('GET', `${WS}/connections`, (call) =>
    ok({ value: Object.values(call.context.state.connections ?? {}).map(withoutSecrets) }),
  );
  on('GET', CONNECTION, (call) => ok(withoutSecrets(mustFind(call))));
  on('PUT', CONNECTION, putConnection);
  on('DELETE', CONNECTION, deleteConnection);
  on('POST', `${CONNECTION}/listsecrets`, (call) => ok(mustFind(call)));
  on('GET', `${SUB}/${VAULTS}`, (call) => ok({ value: [vault(call)] }));
  on('GET', VAULT, getVault);
}

const Body = z.strictObject({ ...RESOURCE, properties: z.record(z.string(), z.unknown()) });

const withoutSecrets = ({ properties, ...rest }: ConnectionRecord): ConnectionRecord => ({
  ...rest,
  properties: Object.fromEntries(
    Object.entries(properties).filter(([member]) => member !== 'credentials'),
  ),
});

function mustFind(call: ArmCall): ConnectionRecord {
  const name = param(call, 'connection');
  const found = own(call.context.state.connections ?? {}, name.toLowerCase());
  if (found) return found;
  throw armError(404, 'NotFound', `Connection ${name} can't be found in this workspace.`);
}

function putConnection(call: ArmCall): ArmReply {
  const { properties } = readBody(call, Body, 'WorkspaceConnectionPropertiesV2BasicResource');
  const name = param(call, 'connection');
  const made = {
    id: call.path,
    name,
    type: 'Microsoft.MachineLearningServices/workspaces/connections',
    properties,
  };
  (call.context.state.connections ??= {})[name.toLowerCase()] = made;
  call.context.save();
  return ok(withoutSecrets(made));
}

function deleteConnection(call: ArmCall): ArmReply {
  const { connections = {} } = call.context.state;
  const key = param(call, 'connection').toLowerCase();
  if (own(connections, key) === undefined) return { status: 204 };
  delete connections[key];
  call.context.save();
  return { status: 200 };
}

function vault(call: ArmCall): unknown {
  const { subscriptionId, resourceGroup, location, tenantId } = call.context.state.config;
  const name = vaultName(call.context.state);
  return {
    id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/${VAULTS}/${name}`,
    name,
    type: 'Microsoft.KeyVault/vaults',
    location,
    tags: {},
    properties: {
      tenantId,
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      enableRbacAuthorization: true,
      vaultUri: `https://${name}.vault.azure.net/`,
      provisioningState: 'Succeeded',
    },
  };
}

function getVault(call: ArmCall): ArmReply {
  const name = param(call, 'vault');
  if (sameName(name, vaultName(call.context.state))) return ok(vault(call));
  throw armError(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.KeyVault/vaults/${name}' under resource group '${param(call, 'group')}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}
