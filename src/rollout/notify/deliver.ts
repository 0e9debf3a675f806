/** Sends one piece of news to one target, again where that failed in passing; rejects with an `Undelivered` that says why. */
import type { AzureFailure, WebAnswer, Workspace } from '../../azure/types.js';
import type { Clock } from '../../common/clock.js';
import type { PlannedNotice, PlannedNotifyCommand, PlannedWebhook } from '../../common/notice.js';
import { runProgram } from '../../common/run-program.js';
import { failureOf } from '../errors.js';
import {
  endProblem,
  filledIn,
  VariableMissing,
  withoutValues,
  type Variables,
} from '../named-program.js';
import { retry, UNTIL_DONE, type RetryPolicy } from '../retry.js';
import { payloadFor, type Notification } from './payloads.js';

/** Its message is one sentence, safe to show: it names no address. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered';
  /** In the shape that the retry policy reads. */
  readonly failure: AzureFailure;

  constructor(message: string, passing: Partial<AzureFailure> = {}) {
    super(message);
    const advice = 'The rollout continues. Check the target.';
    this.failure = {
      kind: 'invalid',
      what: 'notify',
      message,
      advice,
      retrySafe: false,
      ...passing,
    };
  }
}

/** A webhook that stays busy holds up the news after it, so it gets minutes only. */
const DELIVERY: RetryPolicy = { ...UNTIL_DONE, patienceMs: 2 * 60_000 };

interface DeliveryAround {
  workspace: Pick<Workspace, 'webRequest'>;
  /** The plan's own, where commands run. */
  folder: string;
  variables: Variables;
  clock: Clock;
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
  { workspace, variables, clock, signal }: DeliveryAround,
): Promise<void> {
  const address = variables[urlFrom]?.trim() ?? '';
  if (address === '') throw new Undelivered(`The environment variable ${urlFrom} is not set.`);
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new Undelivered(`The environment variable ${urlFrom} holds no http or https address.`);
  }
  const who = `The webhook of ${urlFrom}`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(payloadFor(format, news));
  let last: string | undefined;
  const once = async (attempt: number): Promise<void> => {
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
    const attempts = attempt > 1 ? ` after ${attempt} attempts` : '';
    try {
      const until = AbortSignal.any([signal, timeout]);
      const answer = await workspace.webRequest(address, { headers, post: body }, until);
      for await (const _ of answer.body) break;
      refuse(who, attempts, answer);
    } catch (error) {
      if (error instanceof Undelivered) throw error;
      if (signal.aborted || timeout.aborted) throw late(who, timeoutSeconds);
      // The failure's own message may quote what could not be read.
      const { code, kind, retrySafe } = failureOf(error, 'notify');
      const why = code === undefined ? '' : ` (${code})`;
      throw new Undelivered(`${who} can't be reached${why}${attempts}.`, { kind, retrySafe });
    }
  };
  try {
    const onRetry = ({ message }: AzureFailure): void => void (last = message);
    await retry(DELIVERY, once, { signal, clock, onRetry });
  } catch (error) {
    // The program ended during a pause: what was in the way is better known than that.
    if (error instanceof Undelivered || last === undefined) throw error;
    throw new Undelivered(`${last} The program ended before the next attempt.`);
  }
}

function refuse(who: string, attempts: string, { status, retryAfterSeconds }: WebAnswer): void {
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400) {
    throw new Undelivered(`${who} redirects (${status}), which is not followed.`);
  }
  const kind = status === 429 ? 'throttled' : status >= 500 ? 'service' : 'invalid';
  throw new Undelivered(`${who} answered ${status}${attempts}.`, {
    kind,
    status,
    retrySafe: kind !== 'invalid',
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

const late = (who: string, timeoutSeconds: number): Undelivered =>
  new Undelivered(`${who} did not answer within ${timeoutSeconds} s, or until the program ended.`);

async function run(
  command: PlannedNotifyCommand,
  news: Notification,
  { folder, variables, signal }: DeliveryAround,
): Promise<void> {
  const { argv, timeoutSeconds = TIMEOUT_SECONDS } = command;
  const [program = ''] = argv;
  const { endpoint, blue = '', green = '', weight, time } = news;
  const names = { endpoint, blue, green, weight: String(weight), deployment: green, time };
  let given: string[];
  try {
    given = filledIn(argv, names, variables);
  } catch (error) {
    if (error instanceof VariableMissing) throw new Undelivered(error.message);
    throw error;
  }
  const end = await runProgram(given, {
    cwd: folder === '' ? process.cwd() : folder,
    env: { ...variables },
    timeoutSeconds,
    mostBytes: 1024 * 1024,
    signal,
    input: `${JSON.stringify(news)}\n`,
  });
  const problem = endProblem(end, program, { seconds: timeoutSeconds, mostMegabytes: 1 });
  if (problem !== undefined) throw new Undelivered(withoutValues(problem, command, variables));
}
