/** Sends one piece of news to one target; rejects with an `Undelivered` that says why, and no address. */
import { execFile } from 'node:child_process';
import type { Workspace } from '../../azure/types.js';
import { failureOf } from '../errors.js';
import { payloadFor, type Notification } from './payloads.js';
import type { PlannedNotice, PlannedNotifyCommand, PlannedWebhook } from './planned.js';

/** One sentence, safe to show: it names no address. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered';
}

export interface DeliveryAround {
  workspace: Pick<Workspace, 'webRequest'>;
  /** The plan's own, where commands run. */
  folder: string;
  variables: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}

const TIMEOUT_SECONDS = 10;

export function deliver(
  { webhook, command }: PlannedNotice,
  news: Notification,
  around: DeliveryAround,
): Promise<void> {
  if (webhook) return post(webhook, news, around);
  if (command) return run(command, news, around);
  return Promise.resolve();
}

async function post(
  { urlFrom, format, timeoutSeconds = TIMEOUT_SECONDS }: PlannedWebhook,
  news: Notification,
  { workspace, variables, signal }: DeliveryAround,
): Promise<void> {
  const address = variables[urlFrom]?.trim() ?? '';
  if (address === '') throw new Undelivered(`The environment variable ${urlFrom} is not set.`);
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new Undelivered(`The environment variable ${urlFrom} holds no http or https address.`);
  }
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(payloadFor(format, news));
  try {
    const until = AbortSignal.any([signal, timeout]);
    const answer = await workspace.webRequest(address, { headers, post: body }, until);
    for await (const _ of answer.body) break;
    const { status } = answer;
    if (status >= 300 && status < 400) {
      throw new Undelivered(
        `The webhook of ${urlFrom} redirects (${status}), which is not followed.`,
      );
    }
    if (status < 200 || status > 299) {
      throw new Undelivered(`The webhook of ${urlFrom} answered ${status}.`);
    }
  } catch (error) {
    if (error instanceof Undelivered) throw error;
    if (signal.aborted || timeout.aborted) throw late(`The webhook of ${urlFrom}`, timeoutSeconds);
    // The failure's own message may quote what could not be read.
    const { code } = failureOf(error, 'notify');
    const why = code === undefined ? '' : ` (${code})`;
    throw new Undelivered(`The webhook of ${urlFrom} can't be reached${why}.`);
  }
}

const late = (who: string, timeoutSeconds: number): Undelivered =>
  new Undelivered(`${who} did not answer within ${timeoutSeconds} s, or until the program ended.`);

function run(
  { argv, timeoutSeconds = TIMEOUT_SECONDS }: PlannedNotifyCommand,
  news: Notification,
  { folder, variables, signal }: DeliveryAround,
): Promise<void> {
  const [program = '', ...given] = argv;
  return new Promise((resolve, reject) => {
    const options = {
      cwd: folder === '' ? process.cwd() : folder,
      env: { ...variables },
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 1024 * 1024,
      windowsHide: true,
      signal,
    };
    const child = execFile(program, given, options, (error) => {
      if (!error) return resolve();
      if (error.killed || signal.aborted) return reject(late(program, timeoutSeconds));
      const { code } = error;
      const how = typeof code === 'number' ? `ended with code ${code}` : `can't be run (${code})`;
      reject(new Undelivered(`${program} ${how}.`));
    });
    // A program that does not read its input ends before all is written.
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${JSON.stringify(news)}\n`);
  });
}
