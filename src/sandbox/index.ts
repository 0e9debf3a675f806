/** Starts a sandbox in this process: the workspace, its blobs, and the one door to both. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../common/clock.js';
import { registerArm } from './arm/index.js';
import { Operations } from './arm/operations.js';
import { RateLimits } from './arm/wire.js';
import { startAzurite } from './azurite.js';
import { createBlobAccess } from './blob-access.js';
import { createAuthority } from './ca.js';
import { conditionsOf } from './conditions.js';
import { registerControl } from './control.js';
import { FaultList } from './faults.js';
import { registerFront } from './front.js';
import { blobHosts } from './hosts.js';
import { createIdentity, IDENTITY_PATH } from './identity.js';
import { registerLogs } from './logs.js';
import { registerRegion } from './mlflow/index.js';
import { sandboxInfo, type SandboxInfo } from './info.js';
import type { Leases } from './lock.js';
import type { LogFile } from './state-store.js';
import type { SandboxConfig } from './model.js';
import type { SandboxContext } from './context.js';
import { QUICK, REALISTIC, type Durations } from './durations.js';
import { SandboxProblem } from './problems.js';
import { ARTIFACTS } from './references.js';
import { registerPrices } from './prices.js';
import { newWorkspace, type WorkspaceChoices } from './state-store.js';
import { createApp, startProxy } from './proxy.js';
import { Recording, recordRequests } from './recording.js';
import { createScoring, registerScoring } from './scoring/index.js';
import { BLOBS, openStateStore } from './state-store.js';

const CA_FILE = 'ca.pem';

export interface SandboxOptions extends WorkspaceChoices {
  stateDir: string;
  host: string;
  /** 0: any free one. */
  port: number;
  fresh: boolean;
  realistic: boolean;
  timeScale: number;
  /** How the default datastore hands out access; undefined keeps what it was. */
  credentials?: NonNullable<SandboxConfig['datastoreCredentials']> | undefined;
  log: LogFile;
  /** Something without which the sandbox can't go on has ended. */
  onLost(reason: string): void;
}

export interface Sandbox {
  info: SandboxInfo;
  controlUrl: string;
  controlToken: string;
  leases: Leases;
  /** Sentences for the person who started it. */
  notices: string[];
  /** Brings the blobs' index to the disk; the state that names them is saved by `flush`. */
  saveBlobs(): Promise<void>;
  /** Saves what is not yet saved; synchronous, for the very end. */
  flush(): void;
  /** Ends everything, within about `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { stateDir, log } = options;
  const caFile = join(stateDir, CA_FILE);
  let flushBlobs = () => Promise.resolve();
  const store = openStateStore(stateDir, {
    fresh: options.fresh,
    create: () => newWorkspace(options),
    beforeWrite: () => flushBlobs(),
    onError: (error) => log.line(`state: ${error.message}`),
  });
  const { config } = store.state;
  refuseOtherPlace(config, options);
  if (options.credentials !== undefined && options.credentials !== config.datastoreCredentials) {
    config.datastoreCredentials = options.credentials;
    store.save();
  }

  const recording = new Recording();
  const authority = createAuthority();
  const azurite = await startAzurite({
    dir: join(stateDir, BLOBS),
    account: config.storageAccount,
    key: config.storageKey,
    certificate: authority.leaf(blobHosts(config.storageAccount)),
    onRequest: ({ at, status, ...seen }) => void recording.add(seen, at, status),
    onLost: (reason) => options.onLost(`Blob storage has ended (${reason}).`),
    log: log.line,
  });
  flushBlobs = azurite.flush;
  azurite.gate(conditionsOf(store.state));
  writeFileSync(caFile, authority.certPem, { mode: 0o644 });

  const identity = createIdentity(config, systemClock);
  const blobs = createBlobAccess({
    config,
    port: azurite.port,
    ca: authority.certPem,
    clock: systemClock,
  });
  await Promise.all([blobs.createContainer(), blobs.container(ARTIFACTS).createContainer()]);

  const base = {
    state: store.state,
    save: store.save,
    blobs,
    container: blobs.container,
    clock: systemClock,
    durations: scaled(options.realistic ? REALISTIC : QUICK, options.timeScale),
    faults: new FaultList(),
    checkToken: identity.checkToken,
  };
  const context: SandboxContext = { ...base, ...createScoring(base) };

  const controlToken = secret();
  const identityHeader = secret();
  const apps = {
    arm: createApp(log.line),
    region: createApp(log.line),
    scoring: createApp(log.line),
    logs: createApp(log.line),
    prices: createApp(log.line),
    front: createApp(log.line),
  };
  const leases = registerFront(apps.front, {
    identity,
    identityHeader,
    controlToken,
    faults: base.faults,
  });
  recordRequests(apps, recording);
  const operations = new Operations(context);
  const closing = new AbortController();
  const management = { context, operations, limits: new RateLimits(), closing: closing.signal };
  registerArm(apps.arm, management);
  registerRegion(apps.region, management);
  registerLogs(apps.logs, management);
  registerPrices(apps.prices, config);
  registerScoring(apps.scoring, context);
  registerControl(apps.front, context, {
    requests: recording,
    settle: azurite.flush,
    async record(on) {
      recording.turn(on);
      azurite.tell(on);
      await azurite.flush();
    },
    async conditionsChanged() {
      azurite.gate(conditionsOf(store.state));
      await azurite.flush();
    },
  });
  const proxy = await startProxy({
    ...apps,
    host: options.host,
    port: options.port,
    authority,
    storageAccount: config.storageAccount,
    azuritePort: azurite.port,
    faults: base.faults,
    log: log.line,
  });

  return {
    info: sandboxInfo(config, {
      caFile,
      stateDir,
      proxyUrl: proxy.url,
      identityEndpoint: `${proxy.url}${IDENTITY_PATH}`,
      identityHeader,
      metricsLagMs: base.durations.metricsLag,
    }),
    controlUrl: proxy.url,
    controlToken,
    leases,
    notices: store.notices,
    saveBlobs: azurite.flush,
    flush: store.flush,
    async close(deadlineMs) {
      closing.abort(new Error('The sandbox is closing.'));
      await Promise.all([proxy.close(), operations.close()]);
      await context.runtime.close();
      store.flush();
      blobs.close();
      await azurite.close(deadlineMs);
      // Nobody serves under this authority any more.
      rmSync(caFile, { force: true });
    },
  };
}

/** Location and cloud are settled when a workspace is created. */
function refuseOtherPlace(config: SandboxConfig, choices: WorkspaceChoices): void {
  const { location, cloud } = choices;
  if (location !== undefined && location !== config.location) {
    throw new SandboxProblem(
      `This sandbox is in ${config.location}, not in ${location}. Start over with --fresh, or leave --location out.`,
      2,
    );
  }
  if (cloud !== undefined && cloud !== (config.cloud ?? 'public')) {
    throw new SandboxProblem(
      `This sandbox is in the ${config.cloud ?? 'public'} cloud, not in ${cloud}. Start over with --fresh, or leave --cloud out.`,
      2,
    );
  }
}

function scaled(durations: Durations, scale: number): Durations {
  const { endpointCreate, deployment, update, delete: removal, metricsLag } = durations;
  return {
    endpointCreate: endpointCreate * scale,
    deployment: deployment * scale,
    update: update * scale,
    delete: removal * scale,
    metricsLag: metricsLag * scale,
  };
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}
