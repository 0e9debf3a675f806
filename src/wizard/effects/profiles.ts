/** Workspaces that are saved under a name. */
import type { CloudName, Connection, SignIn } from '../../azure/types.js';
import type { Profile } from '../../profiles/profile.js';
import type { ProfileChoice } from '../state.js';
import type { CommandKind } from './world.js';

export interface ConnectionForm {
  name: string;
  prod: boolean;
  cloud: CloudName;
  signIn: SignIn;
  subscriptionId: string;
  resourceGroup: string;
  workspaceName: string;
  tenantId?: string;
  proxyUrl?: string;
  caFile?: string;
  identityEndpoint?: string;
}

export function choiceOf(profile: Profile): ProfileChoice {
  const { resourceGroup, workspaceName } = profile.connection;
  return {
    id: profile.id,
    name: profile.name,
    prod: profile.prod,
    sandbox: false,
    detail: `${resourceGroup} / ${workspaceName}`,
    connection: profile.connection,
    ...(profile.lastUsedAt !== undefined && { lastUsedAt: profile.lastUsedAt }),
  };
}

export function connectionOf(form: ConnectionForm): Connection {
  const { name: _, prod: __, ...connection } = form;
  return connection;
}

export const saveProfileCommand: CommandKind<{ form: ConnectionForm; id?: string }, ProfileChoice> =
  {
    what: 'saving the workspace',
    async carryOut({ form, id }, { world }) {
      const connection = connectionOf(form);
      const saved = id
        ? world.profiles.edit(id, { name: form.name, prod: form.prod, connection })
        : world.profiles.add({ name: form.name, prod: form.prod, connection });
      return choiceOf(saved);
    },
  };

export const renameProfileCommand: CommandKind<{ id: string; name: string }, ProfileChoice> = {
  what: 'renaming the saved workspace',
  async carryOut({ id, name }, { world }) {
    return choiceOf(world.profiles.rename(id, name));
  },
};

export const deleteProfileCommand: CommandKind<{ id: string }, null> = {
  what: 'deleting the saved workspace',
  async carryOut({ id }, { world }) {
    world.profiles.remove(id);
    return null;
  },
};

export const loadProfileCommand: CommandKind<{ id: string }, ConnectionForm> = {
  what: 'reading the saved workspace',
  async carryOut({ id }, { world }) {
    const profile = world.profiles.find(id);
    if (!profile) throw new Error('This saved workspace no longer exists.');
    return { ...profile.connection, name: profile.name, prod: profile.prod };
  },
};
