/**
 * What a gate is. Each is one file that exports one of these, and one line in `registry.ts`:
 * settings, plan file, plan editor, tables and docs come from there.
 */
import * as z from 'zod';
import type { Evidence } from './evidence.js';
import type { Before, LiveMinute } from './live.js';
import type { Measured } from './measured.js';

/** `enforce`: a failure stops, and only a pass lets traffic move. `warn`: shown. `off`: not judged. */
export type GateMode = 'enforce' | 'warn' | 'off';

/** `error`: the gate could not be asked, e.g. because nobody answered. */
export type GateOutcome = 'pass' | 'fail' | 'inconclusive' | 'error';

/** A gate's result before Holm: with `p` and no outcome yet, the others' p decide with it. */
export interface GateFinding {
  blue: string;
  green: string;
  difference: string;
  limit: string;
  /** The same as numbers; absent where nothing could be measured. */
  measured?: Measured;
  outcome: GateOutcome | 'by-p';
  /** Probability of such harm by chance. */
  p?: number;
  /** Rows more, should it stay inconclusive; they settle it in 80 of 100 cases. */
  needsMoreRows?: number | undefined;
  /** Fewer rows more are not enough to pass it, even if none of them shows harm. */
  leastMoreRows?: number | undefined;
  why: (outcome: GateOutcome) => string;
}

/** A result as tables show it; all text is ready to be shown. */
export interface Shown {
  mode: GateMode;
  verdict: GateOutcome;
  /** Of the deployment that serves. */
  blue: string;
  /** Of the new one. */
  green: string;
  difference: string;
  limit: string;
  /** The same as numbers; absent where nothing could be measured, and from earlier journals. */
  measured?: Measured;
  /** Inconclusive: this many more rows (or probes, for `split`) settle it in 80 of 100 cases. */
  needsMoreRows?: number;
  /** Inconclusive: fewer rows more are not enough to pass it, even if none of them shows harm. */
  leastMoreRows?: number;
  /** One sentence. */
  why: string;
}

/** One-sided error probabilities: of the bounds, and of those after more rows. */
export interface Levels {
  alpha: number;
  /** Smaller where this look could have passed: what each look spends must not add up. */
  alphaOfMore: number;
}

/** Settings that more than one gate goes by. */
export interface Common extends Levels {
  /** Latency as users see it, or as the server times its model. */
  measure: 'wall' | 'model';
  /** How strict another gate is, by its name in a plan file. */
  modeOf(gate: string): GateMode;
  /** The plan itself says `enforce`, which is more than a default. */
  demands(gate: string): boolean;
}

/**
 * What a gate looks at: answers to rows of a file; answers and the file's target; answers or, before
 * there are any, the models' signatures; probes without a pinning header; minutes of Azure Monitor.
 */
export type Needs = 'rows' | 'target' | 'signature' | 'probes' | 'minutes';

interface Described<Id extends string, Settings extends { mode: GateMode }> {
  /** Its name in a plan file. */
  id: Id;
  /** As tables and sentences call it. */
  title: string;
  defaults: Settings;
  /** Rules of a plan file for its settings; the mode's are added. */
  schema: { [K in Exclude<keyof Settings, 'mode'>]-?: z.ZodType<Settings[K] | undefined> };
  /** One sentence: what it asks. */
  describe: string;
}

/** What a number of rows can prove at best, which is if they show no harm at all. */
export interface Reach {
  /** As sentences call what is limited: `errors`. */
  what: string;
  /** The limit as tables show it. */
  limit: string;
  /** Rows that prove the limit; `undefined`: no number does. */
  needed: number | undefined;
  /** The tightest limit that the rows prove, in the unit of `setting`; `undefined`: none. */
  best?: number | undefined;
  shown: (limit: number) => string;
  /** The member of the settings that is the limit. */
  setting?: string;
}

export interface ReplayGate<
  Id extends string = string,
  Settings extends { mode: GateMode } = { mode: GateMode },
> extends Described<Id, Settings> {
  needs: Exclude<Needs, 'minutes'>;
  /** A row sent a second time tells it something too. */
  byRepeating?: true;
  /** `undefined`: there is nothing for this gate to look at. */
  judge(evidence: Evidence, settings: Settings, common: Common): GateFinding | undefined;
  /** Asked before any row is sent; absent where any row proves something. */
  reach?(rows: number, settings: Settings, common: Common): Reach;
}

export interface LiveGate<
  Id extends string = string,
  Settings extends { mode: GateMode } = { mode: GateMode },
> extends Described<Id, Settings> {
  needs: 'minutes';
  /**
   * @param minutes in order; all since green has the present share
   * @param before what blue served at the steps before, where it serves nothing any more
   */
  judge(minutes: readonly LiveMinute[], settings: Settings, common: Common, before?: Before): Shown;
}

const asShare = 'use a percentage, for example 5% or 0.05';

/** The forms that settings have in a plan file. */
export const rule = {
  /** 0.05, or `5%` as people write it. */
  share: z
    .preprocess(
      (value) => {
        const match = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value) : null;
        return match ? Number(match[1]) / 100 : value;
      },
      z.number(asShare).min(0, asShare).max(1, asShare),
    )
    .optional(),
  ratio: z.number('use a factor, for example 1.1').min(1, 'use a factor from 1').optional(),
  amount: z.number('use a number').min(0, 'use a number from 0').optional(),
  /** Of an error: 0 would never fail, above a half would mostly be wrong. */
  probability: z
    .number('use a probability, for example 0.05')
    .gt(0, 'use a probability above 0')
    .max(0.5, 'use a probability up to 0.5')
    .optional(),
  whole: (least: number) =>
    z.int('use a whole number').min(least, `use a whole number from ${least}`).optional(),
};

/** Without p-values of its own; `error` where the question could not be asked. */
export const errorFinding = (why: string, sides: Partial<GateFinding> = {}): GateFinding => ({
  blue: '',
  green: '',
  difference: 'n/a',
  limit: '',
  ...sides,
  outcome: 'error',
  why: () => why,
});
