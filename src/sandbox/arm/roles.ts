/**
 * Roles as Azure has them: definitions, assignments on what an endpoint's identity reads, and the
 * user-assigned identities that may have them. What a caller may not do is a condition instead.
 */
import { sameName } from '../../common/same-name.js';
import * as z from 'zod';
import { own, type RoleAssignment } from '../model.js';
import { ROLES, type BuiltInRole } from '../roles.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  GROUP,
  SUB,
  WS,
  anything,
  ok,
  param,
  queryValue,
  readBody,
} from './call.js';
import { userAssignedIds } from './endpoint-identity.js';
import { armError } from './errors.js';
import { VAULT } from './secrets.js';

export const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/:identity`;
export const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/:account`;
const CONTAINER = `${STORAGE}/blobServices/default/containers/:container`;
const REGISTRY = `${GROUP}/providers/Microsoft.ContainerRegistry/registries/:acr`;
const AUTHORIZATION = 'providers/Microsoft.Authorization';

export function roleRoutes(on: AddArmRoute): void {
  on('GET', IDENTITY, getIdentity);
  on('GET', `${SUB}/${AUTHORIZATION}/roleDefinitions`, listDefinitions);
  on('GET', `${SUB}/${AUTHORIZATION}/roleDefinitions/:role`, getDefinition);
  for (const scope of [GROUP, WS, STORAGE, CONTAINER, REGISTRY, VAULT]) {
    on('GET', `${scope}/${AUTHORIZATION}/roleAssignments`, listAssignments);
    on('GET', `${scope}/${AUTHORIZATION}/roleAssignments/:assignment`, getAssignment);
    on('PUT', `${scope}/${AUTHORIZATION}/roleAssignments/:assignment`, putAssignment);
    on('DELETE', `${scope}/${AUTHORIZATION}/roleAssignments/:assignment`, deleteAssignment);
  }
}

function definition(call: ArmCall, { id, name, ...permission }: BuiltInRole): unknown {
  const { actions = [], notActions = [], dataActions = [] } = permission;
  const { subscriptionId } = call.context.state.config;
  return {
    id: `/subscriptions/${subscriptionId}/${AUTHORIZATION}/roleDefinitions/${id}`,
    name: id,
    type: 'Microsoft.Authorization/roleDefinitions',
    properties: {
      roleName: name,
      type: 'BuiltInRole',
      assignableScopes: ['/'],
      permissions: [{ actions, notActions, dataActions, notDataActions: [] }],
    },
  };
}

function listDefinitions(call: ArmCall): ArmReply {
  const named = /^roleName eq '(.*)'$/i.exec(queryValue(call, '$filter') ?? '')?.[1];
  const value = ROLES.filter(({ name }) => named === undefined || name === named);
  return ok({ value: value.map((role) => definition(call, role)) });
}

function getDefinition(call: ArmCall): ArmReply {
  const id = param(call, 'role').toLowerCase();
  const role = ROLES.find((each) => each.id === id);
  if (role) return ok(definition(call, role));
  throw armError(
    404,
    'RoleDefinitionDoesNotExist',
    `The specified role definition with ID '${id}' does not exist.`,
  );
}

function getIdentity(call: ArmCall): ArmReply {
  const { location, tenantId } = call.context.state.config;
  return ok({
    id: call.path,
    name: param(call, 'identity'),
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    location,
    tags: {},
    properties: { tenantId, ...userAssignedIds(call.path) },
  });
}

const scopeOf = (path: string): string =>
  path.slice(0, path.toLowerCase().lastIndexOf(`/${AUTHORIZATION.toLowerCase()}/`));

const isWithin = (inner: string, outer: string): boolean =>
  `${inner.toLowerCase()}/`.startsWith(`${outer.toLowerCase()}/`);

/** Microsoft Learn, "List Azure role assignments using the REST API"; there are no groups here. */
function listAssignments(call: ArmCall): ArmReply {
  const filter = queryValue(call, '$filter') ?? '';
  const principal = /(?:assignedTo\('|principalId eq ')([^']*)'/i.exec(filter)?.[1];
  const only = /atScope\(\)/i.test(filter);
  const scope = scopeOf(call.path);
  const value = Object.values(call.context.state.roleAssignments ?? {}).filter(
    ({ properties }) =>
      (isWithin(scope, properties.scope) || (!only && isWithin(properties.scope, scope))) &&
      (principal === undefined || sameName(principal, properties.principalId)),
  );
  return ok({ value });
}

function getAssignment(call: ArmCall): ArmReply {
  const found = own(call.context.state.roleAssignments ?? {}, call.path.toLowerCase());
  if (found) return ok(found);
  throw armError(
    404,
    'RoleAssignmentNotFound',
    `The role assignment '${param(call, 'assignment')}' is not found.`,
  );
}

const Body = z.strictObject({
  properties: z.strictObject({
    roleDefinitionId: z.string(),
    principalId: z.string(),
    principalType: anything,
    description: anything,
    condition: anything,
    conditionVersion: anything,
    delegatedManagedIdentityResourceId: anything,
    scope: anything,
  }),
});

function putAssignment(call: ArmCall): ArmReply {
  const { properties } = readBody(call, Body, 'RoleAssignmentCreateParameters');
  const all = (call.context.state.roleAssignments ??= {});
  const key = call.path.toLowerCase();
  const scope = scopeOf(call.path);
  const same = Object.entries(all).some(
    ([id, { properties: other }]) =>
      id !== key &&
      sameName(other.scope, scope) &&
      other.principalId === properties.principalId &&
      other.roleDefinitionId === properties.roleDefinitionId,
  );
  if (same || own(all, key) !== undefined) {
    throw armError(409, 'RoleAssignmentExists', 'The role assignment already exists.');
  }
  const made: RoleAssignment = {
    id: call.path,
    name: param(call, 'assignment'),
    type: 'Microsoft.Authorization/roleAssignments',
    properties: { ...properties, scope },
  };
  all[key] = made;
  call.context.save();
  return { status: 201, body: made };
}

function deleteAssignment(call: ArmCall): ArmReply {
  const { roleAssignments = {} } = call.context.state;
  const found = own(roleAssignments, call.path.toLowerCase());
  if (!found) return { status: 204 };
  delete roleAssignments[call.path.toLowerCase()];
  call.context.save();
  return ok(found);
}
