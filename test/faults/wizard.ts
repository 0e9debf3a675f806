/** The wizard in a terminal on its real-workspace path, at an endpoint on which blue serves. */
import { join } from 'node:path';
import type { Meaning } from '../parity/face.js';
import { WizardFace } from '../parity/wizard-face.js';
import { journalLines, judgedIn } from '../support/journal-lines.js';
import { serveBlue } from '../support/live-endpoint.js';
import { SAMPLES } from '../support/sample-plan.js';
import { BLUE, Desk, type Cell } from './desk.js';

/** Faster than this the screen is drawn more often than a person's machine would have to. */
const FACTOR = 10;
const PROFILE = 'real';
const MODEL = 'wizard-samples';

export class WizardDesk extends Desk {
  /** Where the files of each blue lie. */
  uri = '';

  constructor() {
    super(FACTOR);
  }

  override async start(): Promise<void> {
    await super.start();
    // Now: later the sandbox's clock is too far ahead of this one for an upload.
    await this.arm.registerSample(MODEL, '1', 'v1');
    const { body } = await this.arm.get(`models/${MODEL}/versions/1`);
    this.uri = body.properties.modelUri as string;
  }
}

/** Blue, the saved workspace, and a person who has not opened the wizard yet. */
export async function personAt(desk: WizardDesk, cell: Cell): Promise<CarefulPerson> {
  const { endpoint, home, plan: planPath } = cell;
  await serveBlue(desk.arm, endpoint, { blue: BLUE, model: endpoint, uri: desk.uri });
  const env = { ...desk.time.env, ...cell.ownEnv };
  const added = await cell.run('profiles', 'add', PROFILE);
  if (added.code !== 0) throw new Error(cell.story());
  const journal = () => journalLines(join(home, 'journals'), endpoint);
  return new CarefulPerson({
    endpoint,
    home,
    env,
    planPath,
    plan: {},
    greenFolder: join(SAMPLES, 'heart-classifier', 'v2'),
    profile: PROFILE,
    journal,
    judged: () => judgedIn(journal()),
  });
}

/** In a workspace that is not the sandbox Enter alone begins nothing: one goes to what one wants first. */
class CarefulPerson extends WizardFace {
  /** Opens the wizard and goes on to the end of the rollout, or of the program. */
  async rollOut(): Promise<Meaning> {
    try {
      await this.start();
      return await this.rest();
    } catch (error) {
      if (this.app.ended) return 'held';
      throw error;
    }
  }

  protected override async enter(screen: string): Promise<void> {
    const { user } = this;
    if (user.cursorRow() === 'select a model') return void user.press('n');
    const next = /of \d+ traffic .*\n.*staged: nothing[^]*? ○ (\d+)/.exec(screen)?.[1];
    // A split that an earlier session left unverified is verified before more is staged.
    if (next !== undefined && !screen.includes('⏎ verify split')) {
      user.press('t');
      await user.sees('⏎ stage');
      user.press(next);
      await user.sees(`${next}_`);
      user.press('enter');
      return void (await user.sees(`staged: ${100 - Number(next)} / ${next}`));
    }
    const beyond = /Press ↓ to reach "(.+?)", then Enter/.exec(screen)?.[1];
    if (beyond !== undefined) await user.moveTo(beyond, 'tab');
    await super.enter(screen);
  }
}
