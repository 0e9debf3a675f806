/** Starts a sandbox in this process: the workspace, its blobs, and the one door to both. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { systemClock } from '../common/clock.js';
import { registerArm } from './arm/index.js';
import { Operations } from './arm/operations.js';
import { RateLimits } from './arm/wire.js';
import { createBlobAccess } from './blob-access.js';
import { openBlobStorage } from './blob-storage.js';
import { createAuthority } from './ca.js';
import { conditionsOf } from './conditions.js';
import { registerControl } from './control.js';
import { FaultList } from './faults.js';
import { registerFront } from './front.js';
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
  const authority = await createAuthority();
  const storage = openBlobStorage({
    dir: join(stateDir, BLOBS),
    config,
    authority,
    clock: systemClock,
    onRequest: ({ at, status, ...seen }) => void recording.add(seen, at, status),
    onLost: options.onLost,
    log: log.line,
  });
  flushBlobs = storage.flush;
  storage.gate(conditionsOf(store.state));
  writeFileSync(caFile, authority.certPem, { mode: 0o644 });

  const identity = createIdentity(config, systemClock);
  const blobs = createBlobAccess({
    config,
    port: storage.port,
    ca: authority.certPem,
    clock: systemClock,
  });

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
  const front = createApp(log.line);
  const leases = registerFront(front, {
    identity,
    identityHeader,
    controlToken,
    faults: base.faults,
  });
  const operations = new Operations(context);
  const closing = new AbortController();
  const management = { context, operations, limits: new RateLimits(), closing: closing.signal };
  const app = (register: (made: FastifyInstance) => void, keepsBody = true) => {
    const made = createApp(log.line);
    recordRequests(made, recording, keepsBody);
    register(made);
    return made;
  };
  registerControl(front, context, {
    requests: recording,
    settle: storage.flush,
    async record(on) {
      recording.turn(on);
      storage.tell(on);
      await storage.flush();
    },
    async conditionsChanged() {
      storage.gate(conditionsOf(store.state));
      await storage.flush();
    },
  });
  const proxy = await startProxy({
    apps: {
      arm: () => app((made) => registerArm(made, management)),
      region: () => app((made) => registerRegion(made, management)),
      logs: () => app((made) => registerLogs(made, management)),
      prices: () => app((made) => registerPrices(made, config), false),
      // What is scored are someone's rows.
      scoring: () => app((made) => registerScoring(made, context), false),
    },
    front,
    host: options.host,
    port: options.port,
    authority,
    storageAccount: config.storageAccount,
    azuritePort: storage.port,
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
    saveBlobs: storage.flush,
    flush: store.flush,
    async close(deadlineMs) {
      closing.abort(new Error('The sandbox is closing.'));
      await Promise.all([proxy.close(), operations.close()]);
      await context.runtime.close();
      store.flush();
      blobs.close();
      await storage.close(deadlineMs);
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
