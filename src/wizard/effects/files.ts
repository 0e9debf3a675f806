/** Logs, and what is copied on demand. */
import { rolloutOf, workspaceOf, type CommandKind } from './world.js';

export const logsCommand: CommandKind<
  { deployment: string; container: 'inference-server' | 'storage-initializer' },
  string
> = {
  what: 'reading the log',
  async carryOut({ deployment, container }, { world, signal }) {
    const { engine } = rolloutOf(world);
    return workspaceOf(world).deploymentLogs(
      engine.endpoint,
      deployment,
      { container, tail: 500 },
      signal,
    );
  },
};

export const copyCommand: CommandKind<
  { what: 'key' | 'curl' | 'support' | 'code'; text?: string },
  { said: string }
> = {
  what: 'copying',
  async carryOut({ what, text }, { world, signal }) {
    if (what === 'support' || what === 'code') {
      return {
        said: `${what === 'code' ? 'Code' : 'What failed'}: ${await world.services.copy(text ?? '')}.`,
      };
    }
    const endpoint = rolloutOf(world).engine.snapshot?.endpoint;
    if (!endpoint) throw new Error('The endpoint no longer exists.');
    const key = await workspaceOf(world).revealKey(endpoint, signal);
    if (what === 'key') return { said: `Key: ${await world.services.copy(key)}` };
    const curl = `curl -sS -X POST '${endpoint.scoringUri ?? ''}' -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d @sample.json`;
    return { said: `curl command: ${await world.services.copy(curl)}` };
  },
};
