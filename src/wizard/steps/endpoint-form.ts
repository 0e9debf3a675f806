/** The form of a new endpoint, and the change that it stands for. */
import type { AuthMode } from '../../azure/types.js';
import type { CreateEndpoint } from '../../rollout/changes/change.js';
import { nameProblem } from '../../rollout/names.js';
import { endpointFieldsOf, withEndpointFile } from '../file-values.js';
import { fieldValue, flagged, makeForm, type Field, type Form } from '../form.js';
import { isGuarded } from '../policy.js';
import type { State } from '../state.js';
import { typedPairs } from '../typed-text.js';

/** What callers sign in with, in words. */
export const AUTH_MODES: readonly { value: AuthMode; label: string }[] = [
  { value: 'key', label: 'key' },
  { value: 'aml_token', label: 'Azure ML token' },
  { value: 'aad_token', label: 'Microsoft Entra token' },
];

function fields(state: State): Field[] {
  return [
    {
      id: 'name',
      label: 'Name',
      kind: 'text',
      value: isGuarded(state) ? '' : state.defaults.endpoint,
      hint: 'unique in the region; 3 to 32 letters, digits and dashes',
    },
    {
      id: 'authMode',
      label: 'Authentication',
      kind: 'choice',
      value: 'key',
      options: [...AUTH_MODES],
    },
    {
      id: 'identity',
      label: 'Identity',
      kind: 'choice',
      value: 'system_assigned',
      options: [
        { value: 'system_assigned', label: 'system-assigned' },
        { value: 'user_assigned', label: 'user-assigned' },
      ],
    },
    {
      id: 'identityIds',
      label: 'Identity id',
      kind: 'text',
      value: '',
      hint: 'only for user-assigned',
    },
    { id: 'description', label: 'Description', kind: 'text', value: '', hint: 'optional' },
    {
      id: 'tags',
      label: 'Tags',
      kind: 'text',
      value: '',
      hint: 'optional, such as team=risk cost=42',
    },
  ];
}

const readTags = (form: Form): Record<string, string> | string =>
  typedPairs(fieldValue(form, 'tags'), 'name=value', /[\s,]+/);

const identityIds = (form: Form): string[] =>
  fieldValue(form, 'identityIds')
    .split(/[\s,]+/)
    .filter(Boolean);

const IDENTITY_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+$/i;

function identityProblem(form: Form): string | undefined {
  const ids = identityIds(form);
  if (fieldValue(form, 'identity') !== 'user_assigned') {
    return ids.length > 0
      ? 'Only a user-assigned identity has an id: choose that type, or clear this field.'
      : undefined;
  }
  if (ids.length === 0) return 'Enter the ARM id of the user-assigned identity.';
  const wrong = ids.find((id) => !IDENTITY_ID.test(id));
  return wrong === undefined
    ? undefined
    : `${wrong} is not the id of an identity: \`az identity list --query "[].id"\` shows them.`;
}

function readChange(form: Form): CreateEndpoint {
  const tags = readTags(form);
  const description = fieldValue(form, 'description');
  const userAssigned = fieldValue(form, 'identity') === 'user_assigned';
  return {
    kind: 'createEndpoint',
    endpoint: fieldValue(form, 'name'),
    authMode: fieldValue(form, 'authMode') as AuthMode,
    identity: userAssigned
      ? { type: 'user_assigned', userAssignedIds: identityIds(form) }
      : { type: 'system_assigned' },
    ...(description && { description }),
    tags: typeof tags === 'string' ? {} : tags,
  };
}

/** The form with its first problem said, if there is one. */
export function withProblem(form: Form): Form | undefined {
  const problems: Record<string, string | undefined> = {
    name: nameProblem('endpoint', fieldValue(form, 'name')),
    identityIds: identityProblem(form),
    tags: ((tags) => (typeof tags === 'string' ? tags : undefined))(readTags(form)),
  };
  const found = Object.entries(problems).find(([, problem]) => problem !== undefined);
  if (!found) return undefined;
  const [id, error] = found;
  return flagged(form, id, error ?? '');
}

export const endpointForm = (state: State): Form =>
  makeForm(endpointFieldsOf(fields(state), state.defaults.endpointFile), isGuarded(state));

/** With what the file on the command line says and the form has no room for. */
export const endpointChange = (state: State, form: Form): CreateEndpoint =>
  withEndpointFile(readChange(form), state.defaults.endpointFile);
