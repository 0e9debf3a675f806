/** A page in headless Chromium, by its DevTools protocol over a pipe; no package drives it. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { patience } from './patience.js';

const NAMES = [
  'chromium-headless-shell',
  'chrome-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];

/** `CHROMIUM` names one; `undefined`: there is none on this machine. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter);
  const all = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = env['CHROMIUM'] ?? all.find((path) => existsSync(path));
  return found !== undefined && spawnSync(found, ['--version']).status === 0 ? found : undefined;
}

export interface BrowserEvent {
  method: string;
  params: Record<string, unknown>;
}

export interface BrowserPage {
  /** What the page did, as the browser tells it. */
  events: BrowserEvent[];
  send(method: string, params?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The value of an expression, which the page's own policy does not stop. */
  evaluate<T>(expression: string): Promise<T>;
  /** Resolves once the page is loaded. */
  open(url: string): Promise<void>;
  close(): Promise<void>;
}

type Answer = { result?: Record<string, unknown>; error?: { message: string } };

export async function browse(browser: string): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), 'aml-rollout-browser-'));
  const child = spawn(
    browser,
    [
      '--headless',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      '--no-first-run',
      '--disable-gpu',
      // A container's root has no sandbox of its own, and the page is ours.
      '--no-sandbox',
      '--disable-dev-shm-usage',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const waiting = new Map<number, (answer: Answer) => void>();
  const events: BrowserEvent[] = [];
  let onEvent = (): void => {};
  let text = '';
  (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (text + chunk).split('\0');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const said = JSON.parse(message) as { id?: number } & Answer & BrowserEvent;
      if (said.id === undefined) {
        events.push({ method: said.method, params: said.params });
        onEvent();
      } else waiting.get(said.id)?.(said);
    }
  });
  let last = 0;
  const session: { sessionId?: unknown } = {};
  const send = async (method: string, params = {}): Promise<Record<string, unknown>> => {
    const id = (last += 1);
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    (child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const gone = ended.then((): Answer => ({ error: { message: 'The browser has ended.' } }));
    const { result = {}, error } = await Promise.race([answered, gone]);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const attached = await send('Target.attachToTarget', { targetId, flatten: true });
  session.sessionId = attached['sessionId'];
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await send(`${domain}.enable`);
  return {
    events,
    send,
    async evaluate<T>(expression: string) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        expression,
        returnByValue: true,
      });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: T }).value;
    },
    async open(url) {
      const loaded = new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${url} did not load.`)), patience(10_000));
        onEvent = () => {
          if (events.at(-1)?.method !== 'Page.loadEventFired') return;
          clearTimeout(late);
          resolve();
        };
      });
      await send('Page.navigate', { url });
      await loaded;
    },
    async close() {
      // It ends with the pipe, and takes along what it started.
      (child.stdio[3] as Writable).end();
      const late = setTimeout(() => child.kill('SIGKILL'), patience(5_000));
      await ended;
      clearTimeout(late);
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
