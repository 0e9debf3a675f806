/** Blob storage: Azurite in a worker thread, reached over TLS on a loopback port of its own. */
import { Worker } from 'node:worker_threads';
import type {
  AzuriteCertificate,
  AzuriteReply,
  AzuriteRequest,
  AzuriteWorkerData,
  BlobRequest,
} from './azurite-worker.js';
import type { GateRules } from './storage-gate.js';

export interface Azurite {
  port: number;
  /** Brings Azurite's index to the disk; what was asked and told before is settled then. */
  flush(): Promise<void>;
  /** Whether requests are told to `onRequest` from now on. */
  tell(on: boolean): void;
  /** Whom it lets in from now on. */
  gate(rules: GateRules): void;
  /** Saves and ends the thread; waits `deadlineMs` at most for the saving. */
  close(deadlineMs: number): Promise<void>;
}

export interface AzuriteOptions {
  dir: string;
  account: string;
  /** Base64. */
  key: string;
  certificate: AzuriteCertificate;
  /** The thread ended by itself. */
  onLost(reason: string): void;
  onRequest(seen: BlobRequest): void;
  /** What Azurite writes to its standard streams. */
  log(line: string): void;
}

export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  const worker = new Worker(new URL('./azurite-worker.js', import.meta.url), {
    workerData: { dir: options.dir, certificate: options.certificate } satisfies AzuriteWorkerData,
    env: { NODE_ENV: 'production', AZURITE_ACCOUNTS: `${options.account}:${options.key}` },
    // Old packages under Azurite use what Node has deprecated; not a user's concern.
    execArgv: ['--no-deprecation'],
    stdout: true,
    stderr: true,
    name: 'azurite',
  });
  for (const stream of [worker.stdout, worker.stderr])
    stream
      .setEncoding('utf8')
      .on('data', (text: string) => options.log(`azurite: ${text.trimEnd()}`));

  const send = (request: AzuriteRequest) => worker.postMessage(request);
  let closing = false;
  let ended = false;
  const flushes: (() => void)[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    worker.on('message', (reply: AzuriteReply) => {
      if (reply.kind === 'listening') resolve(reply.port);
      if (reply.kind === 'request') options.onRequest(reply.seen);
      if (reply.kind === 'flushed') flushes.shift()?.();
      if (reply.kind === 'failed')
        reject(new Error(`Blob storage did not start: ${reply.message}.`));
    });
    worker.once('error', (error) => {
      reject(error);
      if (!closing) options.onLost(error.message);
    });
    worker.once('exit', (code) => {
      ended = true;
      for (const done of flushes.splice(0)) done();
      reject(new Error(`Blob storage ended at its start, code ${code}.`));
      if (!closing) options.onLost(`code ${code}`);
    });
  }).catch(async (error: unknown) => {
    closing = true;
    await worker.terminate();
    throw error;
  });

  return {
    port,
    tell: (on) => send(on ? 'tell' : 'hush'),
    gate: (rules) => send({ gate: rules }),
    flush: () =>
      closing || ended
        ? Promise.resolve()
        : new Promise((resolve) => {
            flushes.push(resolve);
            send('flush');
          }),
    async close(deadlineMs) {
      closing = true;
      for (const done of flushes.splice(0)) done();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadlineMs);
        worker.on('message', (reply: AzuriteReply) => {
          if (reply.kind !== 'closed') return;
          clearTimeout(timer);
          resolve();
        });
        worker.once('exit', () => resolve());
        send('close');
      });
      await worker.terminate();
    },
  };
}
