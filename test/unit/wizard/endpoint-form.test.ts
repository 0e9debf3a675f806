import { describe, expect, it } from 'vitest';
import { readEndpointFile } from '../../../src/interop/endpoint-file.js';
import { setField, type Form } from '../../../src/wizard/form.js';
import { endpointStep } from '../../../src/wizard/steps/endpoint.js';
import { endpointForm, withProblem } from '../../../src/wizard/steps/endpoint-form.js';
import { emptyState, onScreen } from '../../support/wizard-states.js';

const IDENTITY =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i';
const filled = (values: Record<string, string>): Form =>
  Object.entries({ name: 'heart-1', ...values }).reduce(
    (form, [id, value]) => setField(form, id, { value }),
    endpointForm(emptyState()),
  );
const problems = (form: Form): (string | undefined)[] =>
  withProblem(form)?.fields.map(({ error }) => error) ?? [];

describe('the form of an endpoint', () => {
  it.each([
    ['user_assigned', '', 'Enter the ARM id'],
    ['user_assigned', `${IDENTITY} mine`, 'mine is not the id of an identity'],
    ['system_assigned', IDENTITY, 'Only a user-assigned identity has an id'],
  ])('says of %s with the id %j what is wrong', (identity, identityIds, sentence) => {
    expect(problems(filled({ identity, identityIds })).join()).toContain(sentence);
  });

  it('takes ids of user-assigned identities', () => {
    const form = filled({ identity: 'user_assigned', identityIds: `${IDENTITY}, ${IDENTITY}2 ` });
    expect(withProblem(form)).toBeUndefined();
    const [change] =
      endpointStep.preview?.(
        onScreen(emptyState(), 'endpoint', { mode: 'form', creating: false, form }),
      ) ?? [];
    expect(change).toMatchObject({
      identity: { type: 'user_assigned', userAssignedIds: [IDENTITY, `${IDENTITY}2`] },
    });
  });

  it('previews what a named file adds, as it is sent', () => {
    const text = 'name: heart\npublic_network_access: disabled\nproperties: {owner: ada}\n';
    const start = emptyState();
    const endpointFile = { path: 'e.yml', file: readEndpointFile(text, 'e.yml') };
    const state = { ...start, defaults: { ...start.defaults, endpointFile } };
    const form = endpointForm(state);
    expect(
      endpointStep.preview?.(onScreen(state, 'endpoint', { mode: 'form', creating: false, form })),
    ).toMatchObject([
      { endpoint: 'heart', publicNetworkAccess: 'disabled', properties: { owner: 'ada' } },
    ]);
  });
});
