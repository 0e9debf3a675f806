/**
 * A person at the wizard: keys in, the screen out. Every step waits for what is to be seen, so that
 * a test reads like a walk through the program and never sleeps.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { it } from 'vitest';
import type { SandboxInfo } from '../../src/sandbox/info.js';
import type { LockContent } from '../../src/sandbox/lock.js';
import { ArmClient } from './arm.js';
import {
  launch,
  type Exit,
  type KeyName,
  type LaunchOptions,
  type TerminalApp,
  type Wanted,
} from './pty.js';
import { control, MAIN, NODE_FLAGS, startSandbox, type TestSandbox } from './sandbox.js';
import { eventually } from './eventually.js';
import { isAlive } from './is-alive.js';
import { patience } from './patience.js';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
/** Milliseconds for one journey, on two cores that other journeys share. */
const JOURNEY = patience(120_000);
/** Longest wait for a screen; a deployment on two busy cores takes some seconds. */
const PATIENCE = patience(20_000);

export type StepTitle =
  | 'endpoint'
  | 'model'
  | 'blue'
  | 'test'
  | 'new model'
  | 'green'
  | 'prove'
  | 'traffic'
  | 'retire'
  | 'report';

/**
 * A test of one person's walk through the program. Journeys of a file run side by side: most of
 * their time is waiting.
 */
export function journey(name: string, walk: (desk: Desk) => Promise<void>): void {
  it.concurrent(name, { timeout: JOURNEY }, async () => {
    const desk = new Desk();
    try {
      await walk(desk);
    } finally {
      await desk.clear();
    }
  });
}

/** One person's machine: a home and a folder to work in, both gone at the end. */
export class Desk {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'aml-rollout-e2e-')));
  readonly home = join(this.root, 'home');
  readonly sandboxState = join(this.home, 'sandbox');
  readonly #agents: ArmClient[] = [];
  readonly #apps: TerminalApp[] = [];
  readonly #sandboxes: TestSandbox[] = [];

  /** Starts the wizard and waits for its start screen. */
  async wizard(options: WizardOptions = {}): Promise<WizardUser> {
    const { args = [], timeScale = 0.1, ...rest } = options;
    const user = this.launch(
      [...(timeScale === undefined ? [] : ['--time-scale', String(timeScale)]), ...args],
      rest,
    );
    await user.sees(/^ ❯ /m);
    return user;
  }

  launch(args: readonly string[], options: LaunchOptions = {}): WizardUser {
    return this.launchProgram(process.execPath, [...NODE_FLAGS, MAIN, ...args], options);
  }

  launchProgram(file: string, args: readonly string[], options: LaunchOptions = {}): WizardUser {
    const app = launch(file, args, {
      cwd: this.root,
      ...options,
      env: { ...this.env, ...options.env },
    });
    this.#apps.push(app);
    return new WizardUser(app);
  }

  get env(): Record<string, string> {
    return { AML_ROLLOUT_HOME: this.home };
  }

  /** Runs a command of the program to its end. */
  async run(...args: string[]): Promise<string> {
    const env = { ...process.env, ...this.env };
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], {
      cwd: this.root,
      env,
    });
    return stdout;
  }

  /** How to reach the sandbox that runs for this desk. */
  sandbox(): SandboxInfo {
    return this.lock().info!;
  }

  lock(): LockContent {
    return JSON.parse(readFileSync(join(this.sandboxState, 'lock.json'), 'utf8')) as LockContent;
  }

  /** Another client of the same workspace. */
  async otherClient(info: SandboxInfo = this.sandbox()): Promise<OtherClient> {
    const arm = await ArmClient.connect(info);
    this.#agents.push(arm);
    return new OtherClient(arm);
  }

  /** Journals written so far, as text. */
  journals(): string {
    const folder = join(this.home, 'journals');
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('');
  }

  /** A sandbox that outlives the wizard: the wizard joins it. */
  async startSandbox(timeScale = 0.1, env?: Record<string, string>): Promise<TestSandbox> {
    const own = { stateDir: this.sandboxState, timeScale, ...(env && { env }) };
    const sandbox = await startSandbox(own);
    this.#sandboxes.push(sandbox);
    return sandbox;
  }

  /** Makes the sandbox misbehave; see `src/sandbox/faults.ts`. */
  async fault(fault: Record<string, unknown>): Promise<void> {
    const { status, body } = await control(this.sandboxState, 'POST', '/_sandbox/faults', fault);
    if (status !== 200) throw new Error(JSON.stringify(body));
  }

  /** A copy of a sample, to be used under its own name and to be changed. */
  sample(path: string, copy: string): string {
    const to = join(this.root, copy);
    cpSync(join(SAMPLES, path), to, { recursive: true });
    return to;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.close()));
    await Promise.all(this.#sandboxes.map((sandbox) => sandbox.stop()));
    await Promise.all(this.#agents.map((agent) => agent.close()));
    // The sandbox of a wizard that was killed ends by itself, and writes until then.
    await eventually(() => {
      const lock = join(this.sandboxState, 'lock.json');
      if (existsSync(lock) && isAlive(this.lock().pid)) throw new Error('The sandbox still runs.');
    });
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

export interface WizardOptions extends LaunchOptions {
  args?: readonly string[];
  timeScale?: number;
}

export class WizardUser {
  constructor(readonly app: TerminalApp) {}

  /** Waits until the step's name stands in the header, and nothing runs. */
  async on(step: StepTitle): Promise<this> {
    await this.app.waitFor(
      (screen) => new RegExp(`of \\d+ ${step} `).test(firstLine(screen)) && !isWaiting(screen),
      PATIENCE,
    );
    return this;
  }

  /** Waits until nothing runs that keys would have to wait for. */
  async atRest(): Promise<this> {
    await this.app.waitFor((screen) => !isWaiting(screen), PATIENCE);
    return this;
  }

  async sees(wanted: Wanted, patience = PATIENCE): Promise<this> {
    await this.app.waitFor(wanted, patience);
    return this;
  }

  async seesNoMore(unwanted: Wanted): Promise<this> {
    await this.app.waitUntilGone(unwanted, PATIENCE);
    return this;
  }

  press(...keys: (KeyName | (string & {}))[]): this {
    this.app.press(...keys);
    return this;
  }

  /** Moves the cursor of a list or form, a key at a time, until the row under it begins so. */
  async moveTo(row: string, key: KeyName = 'down', most = 20): Promise<this> {
    for (let moved = 0; !this.cursorRow().startsWith(row); moved += 1) {
      if (moved > most) throw new Error(`The cursor never came to "${row}":\n${this.app.screen()}`);
      const before = this.cursorRow();
      this.app.press(key);
      await this.app.waitFor(() => this.cursorRow() !== before, PATIENCE);
    }
    return this;
  }

  /** Puts the cursor on a field and types over what stands there. */
  async fill(label: string, text: string): Promise<this> {
    // Two blanks end a label, and one label may begin with another.
    await this.moveTo(`${label}  `, 'tab');
    // Ctrl-U clears the line.
    this.app.write('\x15');
    await this.app.waitFor(() => new RegExp(`^${label} +_`).test(this.cursorRow()), PATIENCE);
    this.app.write(text);
    const shown = text.slice(-20);
    await this.app.waitFor(() => this.cursorRow().includes(`${shown}_`), PATIENCE);
    return this;
  }

  /** Of a list whose rows all fit. A key that comes before the list is drawn would count twice. */
  async choose(row: string, key: KeyName = 'down'): Promise<this> {
    await this.app.waitFor(
      () =>
        this.app
          .screen()
          .split('\n')
          .some((line) => line.slice(3).startsWith(row)),
      PATIENCE,
    );
    await this.moveTo(row, key);
    return this.press('enter');
  }

  /** Types the name that a deletion asks for, and confirms it. */
  async typesName(name: string): Promise<this> {
    await this.sees(`Type ${name} to confirm: _`);
    this.app.write(name);
    await this.sees(`Type ${name} to confirm: ${name}_`);
    return this.press('enter');
  }

  /** The row with the cursor, from behind the pointer. */
  cursorRow(): string {
    return /^ ❯ (.*)$/m.exec(this.app.screen())?.[1] ?? '';
  }

  /**
   * Presses Enter each time the screen offers it, until `wanted` is seen. Returns the steps that
   * were seen on the way.
   */
  async enterUntil(wanted: string, most = 60): Promise<string[]> {
    const steps: string[] = [];
    let last = '';
    for (let pressed = 0; ; pressed += 1) {
      await this.app.waitFor(
        (screen) => screen.includes(wanted) || (still(screen) !== last && offersEnter(screen)),
        PATIENCE,
      );
      const screen = this.app.screen();
      const step = /of \d+ (.+?) {2,}/.exec(firstLine(screen))?.[1];
      if (step && steps.at(-1) !== step) steps.push(step);
      if (screen.includes(wanted)) return steps;
      if (pressed >= most) throw new Error(`No "${wanted}" after ${most} times Enter:\n${screen}`);
      last = still(screen);
      this.app.press('enter');
    }
  }

  /** Waits until `wanted` is seen, or the program has ended. */
  async orLeaves(wanted: Wanted): Promise<void> {
    await Promise.race([
      this.app.exited,
      this.sees(wanted).catch((error: unknown) => this.app.ended || Promise.reject(error)),
    ]);
  }

  async leaves(): Promise<Exit> {
    return this.app.waitForExit();
  }

  screen(): string {
    return this.app.screen();
  }
}

const firstLine = (screen: string): string => screen.split('\n')[0] ?? '';

/** The screen without the clock in its first line. */
const still = (screen: string): string => screen.replace(/\d\d:\d\d *$/m, '');

const footer = (screen: string): string => screen.trimEnd().split('\n').at(-1) ?? '';

/** While something runs, the keys below say so. */
const isWaiting = (screen: string): boolean => /Esc (?:cancel|stop waiting)/.test(footer(screen));

const offersEnter = (screen: string): boolean => footer(screen).includes('⏎ ');

/** What another client sees of the workspace, by plain requests. */
class OtherClient {
  constructor(readonly arm: ArmClient) {}

  async traffic(endpoint: string): Promise<Record<string, number>> {
    const { body } = await this.arm.get(`onlineEndpoints/${endpoint}`);
    return body.properties.traffic as Record<string, number>;
  }

  async mirror(endpoint: string): Promise<Record<string, number>> {
    const { body } = await this.arm.get(`onlineEndpoints/${endpoint}`);
    return body.properties.mirrorTraffic as Record<string, number>;
  }

  async endpointState(endpoint: string): Promise<string> {
    const { body } = await this.arm.get(`onlineEndpoints/${endpoint}`);
    return body.properties.provisioningState as string;
  }

  async endpoints(): Promise<string[]> {
    const { body } = await this.arm.get('onlineEndpoints');
    return (body.value as { name: string }[]).map((each) => each.name);
  }

  async deployments(endpoint: string): Promise<string[]> {
    const { body } = await this.arm.get(`onlineEndpoints/${endpoint}/deployments`);
    return (body.value as { name: string }[]).map((each) => each.name).sort();
  }

  async deploymentState(endpoint: string, name: string): Promise<string> {
    const { status, body } = await this.arm.get(`onlineEndpoints/${endpoint}/deployments/${name}`);
    return status === 404 ? 'none' : (body.properties.provisioningState as string);
  }

  async models(): Promise<string[]> {
    const { body } = await this.arm.get('models');
    const names = (body.value as { name: string }[]).map((each) => each.name);
    const versions = await Promise.all(
      names.map(async (name) => {
        const answer = await this.arm.get(`models/${name}/versions`);
        return (answer.body.value as { name: string }[]).map((each) => `${name}:${each.name}`);
      }),
    );
    return versions.flat().sort();
  }

  /** Everything that a person could have changed, to compare. */
  async dump(): Promise<unknown> {
    const endpoints = await this.arm.get('onlineEndpoints');
    const names = (endpoints.body.value as { name: string }[]).map((each) => each.name);
    const deployments = await Promise.all(
      names.map(
        async (name) => (await this.arm.get(`onlineEndpoints/${name}/deployments`)).body as unknown,
      ),
    );
    return { endpoints: endpoints.body as unknown, deployments, models: await this.models() };
  }
}
