/** The workspace's blob storage. The first request for it starts it: many a sandbox is asked for no blob. */
import type { Clock } from '../common/clock.js';
import { startAzurite, type Azurite, type AzuriteOptions } from './azurite.js';
import { createBlobAccess } from './blob-access.js';
import type { Authority } from './ca.js';
import { blobHosts } from './hosts.js';
import type { SandboxConfig } from './model.js';
import { ARTIFACTS } from './references.js';
import { OPEN_GATE, type GateRules } from './storage-gate.js';

interface StorageOptions extends Pick<AzuriteOptions, 'dir' | 'onRequest' | 'log'> {
  config: SandboxConfig;
  authority: Authority;
  clock: Pick<Clock, 'now'>;
  /** It did not start, or ended by itself: a sentence. */
  onLost(reason: string): void;
}

interface BlobStorage extends Omit<Azurite, 'port'> {
  /** Of Azurite, when it answers and has the workspace's containers. */
  port(): Promise<number>;
}

export function openBlobStorage(options: StorageOptions): BlobStorage {
  const { config, authority, clock } = options;
  let rules: GateRules = OPEN_GATE;
  let telling = false;
  let starting: Promise<Azurite> | undefined;
  let running: Azurite | undefined;

  const start = async (): Promise<Azurite> => {
    const azurite = await startAzurite({
      ...options,
      account: config.storageAccount,
      key: config.storageKey,
      certificate: await authority.leaf(blobHosts(config.storageAccount)),
      onLost: (reason) => options.onLost(`Blob storage has ended (${reason}).`),
    });
    const blobs = createBlobAccess({
      config,
      port: () => Promise.resolve(azurite.port),
      ca: authority.certPem,
      clock,
    });
    await Promise.all([blobs.createContainer(), blobs.container(ARTIFACTS).createContainer()]);
    blobs.close();
    running = azurite;
    azurite.gate(rules);
    azurite.tell(telling);
    // Then both hold.
    await azurite.flush();
    return azurite;
  };

  return {
    async port() {
      starting ??= start().catch((error: Error) => {
        options.onLost(error.message);
        throw error;
      });
      return (await starting).port;
    },
    // Before it runs no request was answered, and nothing was saved.
    flush: () => running?.flush() ?? Promise.resolve(),
    tell(on) {
      telling = on;
      running?.tell(on);
    },
    gate(wanted) {
      rules = wanted;
      running?.gate(wanted);
    },
    async close(deadlineMs) {
      await starting?.then(
        (azurite) => azurite.close(deadlineMs),
        () => undefined,
      );
    },
  };
}
