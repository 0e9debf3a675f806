/** The form of a new or edited connection to a workspace. */
import type { ConnectionForm } from '../effects/profiles.js';
import { fieldValue, type Field, type Form } from '../form.js';

const choice = (label: string, value = label): { label: string; value: string } => ({
  label,
  value,
});

export function connectionFields(known: Partial<ConnectionForm>): Field[] {
  const text = (id: keyof ConnectionForm, label: string, hint?: string): Field => ({
    id,
    label,
    kind: 'text',
    value: String(known[id] ?? ''),
    ...(hint !== undefined && { hint }),
  });
  return [
    {
      id: 'signIn',
      label: 'Sign-in',
      kind: 'choice',
      value: known.signIn ?? 'default',
      options: [
        choice('default chain: environment, managed identity, az, ...', 'default'),
        choice('browser'),
        choice('device code', 'device-code'),
        choice('az cli', 'cli'),
        choice('managed identity', 'managed-identity'),
      ],
    },
    {
      id: 'cloud',
      label: 'Cloud',
      kind: 'choice',
      value: known.cloud ?? 'public',
      options: [
        choice('Azure', 'public'),
        choice('US Government', 'usgov'),
        choice('China', 'china'),
      ],
    },
    text('subscriptionId', 'Subscription', 'empty: choose from a list after sign-in'),
    text('resourceGroup', 'Resource group'),
    text('workspaceName', 'Workspace'),
    text('name', 'Save as', 'empty: the name of the workspace'),
    {
      id: 'prod',
      label: 'Production',
      kind: 'choice',
      value: known.prod ? 'yes' : 'no',
      options: [choice('no'), choice('yes: shown as PROD on every screen', 'yes')],
    },
    text('tenantId', 'Tenant', 'optional'),
    text('proxyUrl', 'Proxy', 'optional, e.g. http://proxy:8080'),
    { ...text('caFile', 'CA file', 'optional, PEM'), path: true },
    text('identityEndpoint', 'Identity URL', 'optional, for managed identity'),
  ];
}

export function readConnection(form: Form): ConnectionForm {
  const optional = (id: 'tenantId' | 'proxyUrl' | 'caFile' | 'identityEndpoint') => {
    const value = fieldValue(form, id);
    return value === '' ? {} : { [id]: value };
  };
  return {
    name: fieldValue(form, 'name') || fieldValue(form, 'workspaceName'),
    prod: fieldValue(form, 'prod') === 'yes',
    cloud: fieldValue(form, 'cloud') as ConnectionForm['cloud'],
    signIn: fieldValue(form, 'signIn') as ConnectionForm['signIn'],
    subscriptionId: fieldValue(form, 'subscriptionId'),
    resourceGroup: fieldValue(form, 'resourceGroup'),
    workspaceName: fieldValue(form, 'workspaceName'),
    ...optional('tenantId'),
    ...optional('proxyUrl'),
    ...optional('caFile'),
    ...optional('identityEndpoint'),
  };
}
