/**
 * The wizard's face: the built program in a terminal, driven by keys. Where nothing else is asked,
 * Enter does what the screen recommends, and that is all this person ever presses.
 */
import { KEY, launch, type TerminalApp } from '../support/pty.js';
import { patience } from '../support/patience.js';
import { MAIN, NODE_FLAGS } from '../support/sandbox.js';
import { WizardUser } from '../support/wizard.js';
import type { Face, MakeFace, Meaning } from './face.js';
import type { JournalLine, JudgedLine } from '../support/journal-lines.js';
import { GREEN, PATIENCE_MS, type PlanPieces } from './world.js';

/** Where the wizard is opened, and on what. */
export interface WizardStage {
  endpoint: string;
  home: string;
  env: Record<string, string>;
  planPath: string;
  /** What the person types in, where the plan does not say it. */
  plan: Pick<PlanPieces, 'evidence' | 'instances'>;
  greenFolder: string;
  /** A saved workspace; else the sandbox. */
  profile?: string;
  journal(): JournalLine[];
  judged(): JudgedLine[];
}

/** A screen on which Enter changed nothing for so long will not move by itself. */
const QUIET_MS = patience(2_000);
/** A program that works redraws its clock each second; one that draws nothing so long is stuck. */
const DEAD_MS = patience(4_000);
const TICK_MS = 75;
/** A person reads a screen before the next key; a step that follows at once must not get this one's Enter. */
const READ_MS = patience(100);

const BUSY = /Esc (?:cancel|stop waiting)/;
/** A hold of the plan that is not over: waiting is what the screen recommends. */
const HOLDING = /hold at \d+ ?%: .*(?:more|of \d+ requests|minutes to check)/;
const ASKS: readonly [RegExp, Meaning][] = [
  [/WANTS A YES|Approval required/i, 'approval'],
  [/Reason: _/, 'held'],
  [/out\s+of\s+reach/, 'refused'],
];

export class WizardFace implements Face {
  readonly name = 'wizard';
  #app!: TerminalApp;
  #user!: WizardUser;
  #said = '';
  /** The screen on which Enter was pressed last. */
  #pressedOn = '';
  #renamed = false;

  constructor(private readonly stage: WizardStage) {}

  async start(): Promise<void> {
    this.#pressedOn = '';
    this.#renamed = false;
    this.#app = launch(process.execPath, [...NODE_FLAGS, MAIN, '--plan', this.stage.planPath], {
      cwd: this.stage.home,
      env: this.stage.env,
      columns: 110,
      rows: 44,
    });
    this.#user = new WizardUser(this.#app);
    await this.#user.sees(/^ ❯ /m);
    await this.#user.choose(this.stage.profile ?? 'sandbox');
    await this.#user.on('endpoint');
    await this.#user.choose(this.stage.endpoint);
    await this.#user.sees((screen) => !/of \d+ endpoint /.test(screen.split('\n')[0] ?? ''));
  }

  async until(seen: () => boolean | Promise<boolean>): Promise<void> {
    await this.#advance(seen);
  }

  async rest(): Promise<Meaning> {
    return (await this.#advance(() => false)) ?? this.#meaning();
  }

  /** Presses Enter wherever it is offered. Returns a meaning where the screen itself tells it. */
  async #advance(seen: () => boolean | Promise<boolean>): Promise<Meaning | undefined> {
    const app = this.#app;
    const began = Date.now();
    let last = { screen: '', at: began };
    let drawn = { bytes: 0, at: began };
    for (;;) {
      const screen = app.screen();
      const now = Date.now();
      if (await seen()) return undefined;
      if (app.ended) return undefined;
      if (app.raw().length !== drawn.bytes) drawn = { bytes: app.raw().length, at: now };
      if (now - drawn.at > DEAD_MS || now - began > 2 * PATIENCE_MS) return 'hangs';
      const shape = shapeOf(screen);
      if (shape !== last.screen) last = { screen: shape, at: now };
      const footer = footerOf(screen);
      const busy = BUSY.test(footer);
      if (!busy) {
        if (isFrozen(screen)) return 'changed elsewhere';
        const asked = ASKS.find(([text]) => text.test(screen));
        if (asked) return asked[1];
        if (this.#isOver()) return undefined;
        const waits = HOLDING.test(screen);
        if (now - last.at < READ_MS) {
          // Not read yet.
        } else if (!waits && footer.includes('⏎ ') && shape !== this.#pressedOn) {
          this.#pressedOn = shape;
          await this.enter(screen);
          last = { screen: '', at: Date.now() };
        } else if (!waits && now - last.at > QUIET_MS) return undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /** What a form wants filled is filled first. */
  protected async enter(screen: string): Promise<void> {
    const step = /of \d+ (.+?) {2,}/.exec(screen.split('\n')[0] ?? '')?.[1];
    const user = this.#user;
    const value = (label: string): string | undefined =>
      new RegExp(`^ [ ❯] ${label} +(\\S+)`, 'm').exec(screen)?.[1];
    if (step === 'new model' && value('Folder') !== undefined) {
      if (value('Folder') !== this.stage.greenFolder)
        await user.fill('Folder', this.stage.greenFolder);
      await user.moveTo('Review', 'tab');
    }
    if (step === 'green' && value('Name') !== undefined && value('Name') !== GREEN) {
      await user.fill('Name', GREEN);
      if (this.stage.plan.instances)
        await user.fill('Instances', String(this.stage.plan.instances[1]));
      await user.moveTo(`Create ${GREEN}`, 'tab');
    }
    const { renames } = this.stage.plan.evidence ?? {};
    if (step === 'prove' && renames && !this.#renamed && screen.includes('Renames')) {
      this.#renamed = true;
      const typed = Object.entries(renames).map(([model, csv]) => `${model}=${csv}`);
      await user.fill('Renames', typed.join(' '));
      await user.moveTo('Send the same rows', 'tab');
    }
    this.#app.write(KEY.enter);
  }

  /** Finished: what Enter does now belongs to no rollout. */
  #isOver(): boolean {
    const lines = this.stage.journal();
    return lines.some(({ event }) => event === 'completed' || event === 'aborted');
  }

  #meaning(): Meaning {
    const { app, stage } = { app: this.#app, stage: this.stage };
    const lines = stage.journal();
    if (lines.some(({ event }) => event === 'aborted')) return 'stopped';
    if (lines.some(({ event }) => event === 'completed')) return 'promoted';
    const screen = app.screen();
    if (/refused the key or token|sign.?in again/i.test(screen)) return 'access';
    const last = stage.judged().at(-1);
    return last?.stage === 'prove' && last.decision === 'stop' ? 'stopped' : 'held';
  }

  async abort(): Promise<void> {
    const lines = this.stage.journal().length;
    await this.#leaveQuestion();
    await this.#user.atRest();
    const before = shapeOf(this.#app.screen());
    this.#user.press('A');
    // A key that can't act says why; the clock, which a fast time moves ten times a second, is no answer.
    await this.#user.sees((now) => shapeOf(now) !== before);
    if (!/❯ Abort/.test(this.#app.screen())) return;
    const asked = shapeOf(this.#app.screen());
    this.#user.press('enter');
    await this.#settled(asked);
    // One that Azure refused is not tried again by a person who looks away.
    const began = Date.now();
    await this.#user.sees(
      () => this.stage.journal().slice(lines).some(isAborted) || Date.now() - began > 2 * QUIET_MS,
    );
    await this.#user.atRest();
  }

  async #leaveQuestion(): Promise<void> {
    const asked = ASKS.find(([text]) => text.test(this.#app.screen()))?.[0];
    if (!asked) return;
    this.#user.press('escape');
    await this.#user.seesNoMore(asked);
  }

  async report(): Promise<void> {
    const before = shapeOf(this.#app.screen());
    this.#user.press('R');
    // Where the screen has no such key, no report is written, and the row says what that means.
    await this.#settled(before);
  }

  async linger(): Promise<string> {
    let seen = this.#app.screen();
    for (const key of ['escape', 'enter', 'enter', 'escape', 'enter'] as const) {
      if (this.#app.ended) break;
      const before = shapeOf(this.#app.screen());
      this.#user.press(key);
      await this.#settled(before);
      seen += `\n${this.#app.screen()}`;
    }
    return seen;
  }

  replaceGreen(): Promise<void> {
    return this.#deleteGreen('x');
  }

  async giveUp(): Promise<void> {
    await this.#deleteGreen('X');
    await this.#user.sees(() => this.stage.journal().some(isAborted));
    await this.#user.atRest();
  }

  async #deleteGreen(key: 'x' | 'X'): Promise<void> {
    await this.#user.atRest();
    this.#user.press(key);
    await this.#user.sees(`Type ${GREEN}`);
    const asked = shapeOf(this.#app.screen());
    await this.#user.typesName(GREEN);
    await this.#settled(asked);
    this.#pressedOn = '';
    await this.#user.atRest();
  }

  /** A key was pressed: the screen is another one, or has been the same for a while. */
  async #settled(before: string): Promise<void> {
    const began = Date.now();
    let drawn = { bytes: this.#app.raw().length, at: began };
    while (!this.#app.ended) {
      const [screen, now] = [this.#app.screen(), Date.now()];
      const bytes = this.#app.raw().length;
      if (bytes !== drawn.bytes) drawn = { bytes, at: now };
      if (now - drawn.at > DEAD_MS) return;
      const still = shapeOf(screen) === before && now - began < QUIET_MS;
      if (!BUSY.test(footerOf(screen)) && !still) return;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  async reopen(): Promise<string> {
    this.#said += this.#app.screen();
    await this.#leaveQuestion();
    this.#user.press('q');
    await this.#user.orLeaves(/❯ \w+[\s\S]*Leave|Leave[\s\S]*❯/);
    if (!this.#app.ended) await this.#user.choose('Leave');
    await this.#user.leaves();
    await this.start();
    await this.#user.atRest();
    return this.#app.screen();
  }

  async reopenAndApprove(): Promise<void> {
    await this.reopen();
    if ((await this.rest()) !== 'approval') return;
    // The cursor is on holding; a yes is below it.
    const before = this.#user.cursorRow();
    this.#user.press('down');
    await this.#user.sees(() => this.#user.cursorRow() !== before);
    const screen = shapeOf(this.#app.screen());
    this.#user.press('enter');
    this.#pressedOn = '';
    await this.#settled(screen);
  }

  /** For what only this face has. */
  get user(): WizardUser {
    return this.#user;
  }

  get app(): TerminalApp {
    return this.#app;
  }

  says(): string {
    return `${this.#said}\n${this.#app.screen()}`;
  }

  close(): Promise<void> {
    return this.#app?.close() ?? Promise.resolve();
  }
}

/** Somebody else's change is asked about. What was there before can't always be restored. */
const isFrozen = (screen: string): boolean =>
  /someone else changed the endpoint/i.test(screen) &&
  !/[Ss]taged: \d/.test(screen) &&
  ['Adopt', 'Leave'].every((choice) => new RegExp(`^ [❯ ] +${choice}\\b`, 'm').test(screen));

const isAborted = ({ event }: { event: string }): boolean => event === 'aborted';

const footerOf = (screen: string): string => screen.trimEnd().split('\n').at(-1) ?? '';

/** The screen without what changes each second. */
const shapeOf = (screen: string): string =>
  screen
    .split('\n')
    .map((line, at) => (at === 0 ? line.replace(/\d\d:\d\d *$/, '') : line))
    .filter((line) => !/live users|watched|hold at/.test(line))
    .join('\n');

export const wizardFace: MakeFace = (stage) => new WizardFace(stage);
