/** The same rows on blue and green, each pinned by header, before green gets any traffic. */
import { GATE_TITLES } from '../../rollout/evidence/gates/settings.js';
import { rowsToRepeat } from '../../rollout/evidence/repeat.js';
import { mostInFlight } from '../../rollout/evidence/in-flight.js';
import { plannedMeaning } from '../../rollout/evidence/output/meaning.js';
import type { Verdict } from '../../rollout/evidence/gates/verdict.js';
import type { Sample } from '../commands.js';
import { makeForm, type Form } from '../form.js';
import type { Binding } from '../keys.js';
import type { Overlay } from '../overlays.js';
import { forward, isBehind } from '../navigation.js';
import { gatesAt, planOf } from '../plan.js';
import { PROOF_ROWS } from '../plan-form.js';
import { takePlanFile } from '../plan-keys.js';
import { isGuarded } from '../policy.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { dropFromScreen, next, push, say, withScreen, work, type Update } from '../update.js';
import { blueModelOf, modelOf } from './model-list.js';
import { deploymentOf } from './deployment-form.js';
import { askToLoad, loadBinding, loadInTheWay } from './load.js';
import { drawSample, fits, sampleFields, sampleRefused, sampleScreen } from './sample-form.js';

const MOST_ROWS = 10_000;

const modelOfGreen = (state: State): { name: string; version: string } | undefined => {
  const green = deploymentOf(state.session?.opened, 'green');
  return green && modelOf(green.model);
};

/** The same as of a test, and how many rows are under way at once. */
function proveForm(state: State): Form {
  const hint = 'at once; LIVE has users to serve too';
  const { rows = PROOF_ROWS, inFlight: planned = 1, ...own } = planOf(state).evidence ?? {};
  const inFlight = {
    id: 'inFlight',
    label: 'In flight',
    kind: 'number',
    value: String(Math.min(planned, mostAtOnce(state))),
    hint,
  } as const;
  const told: Record<string, unknown> = { path: own.csv, seed: own.seed, target: own.target };
  const fields = sampleFields(state, rows).map((field) =>
    told[field.id] === undefined ? field : { ...field, value: String(told[field.id]) },
  );
  return makeForm([...fields.slice(0, 3), inFlight, ...fields.slice(3)], isGuarded(state));
}

/** What the smaller of the two works on at once. */
function mostAtOnce(state: State): number {
  const opened = state.session?.opened;
  const [blue, green] = [deploymentOf(opened, 'blue'), deploymentOf(opened, 'green')];
  return blue && green ? mostInFlight(blue, green) : 1;
}

const provedScreen = (state: State) => sampleScreen(state, 'prove');

/** What the plan says of gates and answers. */
const judgedBy = (state: State) => ({
  gates: gatesAt(state, 0),
  meaning: plannedMeaning(planOf(state).evidence ?? {}),
});

function send(state: State, sample: Sample): Update {
  const { blue, green } = state.session?.opened?.roles ?? {};
  if (!blue || !green) return next(state);
  return work(
    state,
    { do: 'replay', sample, blue, green, ...judgedBy(state) },
    { title: `Sending ${sample.rows.length} rows to ${blue} and ${green}`, writes: false },
  );
}

/** The answers that there are, judged by what the plan says of them now; nothing is sent. */
function judgeAgain(state: State, plan = planOf(state)): Update {
  const { sample } = provedScreen(state);
  const { blue, green } = state.session?.opened?.roles ?? {};
  if (!sample || !blue || !green) return next(state);
  const meaning = plannedMeaning(plan.evidence ?? {});
  return work(
    state,
    { do: 'replay', sample, blue, green, gates: gatesAt(state, 0), meaning, repeat: 0 },
    { title: `Judging ${sample.rows.length} rows again`, writes: false },
  );
}

/** Classes whose order the person has seen, and not confirmed yet. */
const classesToConfirm = (state: State): readonly string[] | undefined =>
  planOf(state).evidence?.classes === undefined ? provedScreen(state).tested?.proposal : undefined;

/** The order is kept in the plan, where it can be seen and changed. */
function confirmClasses(state: State, classes: readonly string[]): Update {
  const known = planOf(state);
  const plan = { ...known, evidence: { ...known.evidence, classes } };
  const judged = judgeAgain(state, plan);
  return { ...judged, commands: [{ do: 'usePlan', plan }, ...judged.commands] };
}

/** What the plan says of the answers is not what they were judged by. */
function isReadOtherwise(state: State): boolean {
  const { tested } = provedScreen(state);
  const now = plannedMeaning(planOf(state).evidence ?? {});
  return tested !== undefined && JSON.stringify(tested.meaning ?? {}) !== JSON.stringify(now);
}

/** The file has no more rows: some are sent again, which tells of latency only. */
function repeatRows(state: State, repeat: number): Update {
  const { sample } = provedScreen(state);
  const { blue, green } = state.session?.opened?.roles ?? {};
  if (!sample || !blue || !green) return next(state);
  return work(
    state,
    { do: 'replay', sample, blue, green, ...judgedBy(state), repeat },
    { title: `Sending ${repeat} rows again to ${blue} and ${green}`, writes: false },
  );
}

/** The same file and seed with more rows: the sample begins with those that were sent. */
function sendMore(state: State, rows: number): Update {
  const { sample } = provedScreen(state);
  const model = modelOfGreen(state);
  if (!sample || !model) return next(state);
  const spec = { ...sample.spec, rows: sample.spec.rows + rows };
  return work(
    state,
    { do: 'sample', spec, model: model.name, version: model.version },
    { title: `Reading ${rows} more rows`, writes: false },
  );
}

/** So many more rows are needed, and the file has some left. */
export function rowsToAdd(state: State): number | undefined {
  const { tested } = provedScreen(state);
  // Rows that were drawn and not sent come first.
  if (tested?.decision?.do !== 'send-more' || tested.stopped) return undefined;
  const left = Math.min(tested.rowsLeft ?? 0, tested.decision.rows);
  return left > 0 ? left : undefined;
}

/** Fewer would ask for one row more and one more again. */
const FEWEST_REPEATED = 50;

/** Rows to send again, where the file has no others and that can still tell. */
export function rowsAgain(state: State): number {
  const { tested, sample } = provedScreen(state);
  if (tested?.decision?.do !== 'send-more' || rowsToAdd(state) !== undefined || !sample) return 0;
  const { because, rows } = tested.decision;
  const again = rowsToRepeat(because, {
    wanted: Math.max(rows, FEWEST_REPEATED),
    planned: sample.rows.length,
    repeated: tested.repeated ?? 0,
  });
  return Math.min(again, sample.rows.length);
}

/** The gates passed, or a reason was given for going on without. */
const isProved = (state: State): boolean => {
  const last = state.session?.opened?.journal.judgements.findLast((each) => each.stage === 'prove');
  return last !== undefined && (last.decision === 'promote' || last.override !== undefined);
};

function whyOverlay(verdicts: readonly Verdict[]): Overlay {
  const lines = verdicts.map(({ gate, mode, why }) => `${GATE_TITLES[gate]} (${mode}): ${why}`);
  return { kind: 'message', title: 'WHY', lines };
}

const goOn = (state: State): Update => next(forward(state));

function enterBinding(state: State): Binding {
  const more = rowsToAdd(state);
  const inTheWay = loadInTheWay(state) !== undefined && !isBehind(state);
  if (!inTheWay && (isProved(state) || isBehind(state))) {
    return { keys: ['enter'], label: 'next', run: goOn };
  }
  if (isReadOtherwise(state) && !inTheWay) {
    return { keys: ['enter'], label: 'judge again', run: (now) => judgeAgain(now) };
  }
  const { tested, sample } = provedScreen(state);
  const unsent = tested?.stopped && sample ? sample.rows.length - tested.rows.length : 0;
  if (unsent > 0 && sample && tested?.decision?.do !== 'stop' && !inTheWay) {
    return {
      keys: ['enter'],
      label: `send the other ${unsent}`,
      run: (now) => send(now, sample),
    };
  }
  if (more !== undefined && !inTheWay) {
    return { keys: ['enter'], label: `send ${more} more`, run: (now) => sendMore(now, more) };
  }
  const again = rowsAgain(state);
  if (again > 0 && !inTheWay) {
    return {
      keys: ['enter'],
      label: `repeat ${again} rows`,
      run: (now) => repeatRows(now, again),
    };
  }
  return {
    keys: ['enter'],
    label: 'hold',
    run: (now) =>
      next(
        say(
          now,
          'warning',
          'Held: NEW gets no traffic. w says why, r sends other rows, o goes on with a reason.',
        ),
      ),
  };
}

function classesBinding(state: State): Binding[] {
  const classes = classesToConfirm(state);
  return classes === undefined
    ? []
    : [
        {
          keys: ['c'],
          label: 'confirm classes',
          run: (now) => confirmClasses(now, classes),
        },
      ];
}

function resultBindings(state: State, verdicts: readonly Verdict[]): Binding[] {
  const proved = isProved(state) && !loadInTheWay(state);
  return [
    enterBinding(state),
    { keys: ['d'], label: 'rows', run: (now) => next(push(now, { kind: 'rows', offset: 0 })) },
    { keys: ['w'], label: 'why', run: (now) => next(push(now, whyOverlay(verdicts))) },
    {
      keys: ['r'],
      label: 'other rows',
      run: (now) => next(dropFromScreen(now, 'prove', 'tested', 'sample', 'load')),
    },
    ...classesBinding(state),
    loadBinding(state),
    {
      keys: ['o'],
      label: 'override',
      helpOnly: proved,
      ...(proved && { disabledBecause: 'Nothing stands in the way.' }),
      run: (now) =>
        next(
          push(now, {
            kind: 'reason',
            title: 'GO ON IN SPITE OF THE CHECKS',
            lines: ['The reason goes to the journal and into the report.'],
            typed: '',
            then: { do: 'override', stage: isProved(now) ? 'load' : 'prove' },
          }),
        ),
    },
  ];
}

export const prove: Step = {
  id: 'prove',
  title: 'prove',
  enter: (state) => {
    const { tested, sample, load } = sampleScreen(state, 'prove');
    const ready = withScreen(state, 'prove', {
      form: proveForm(state),
      renames: {},
      offset: 0,
      ...(tested && isBehind(state) && { tested }),
      ...(sample && isBehind(state) && { sample }),
      ...(load && isBehind(state) && { load }),
    });
    return takePlanFile(ready);
  },
  form: (state) => {
    const { form, tested, failure } = sampleScreen(state, 'prove');
    return form && !tested && !failure
      ? { form, action: 'Send the same rows to LIVE and NEW', short: 'send' }
      : undefined;
  },
  setForm: (state, form) => next(withScreen(state, 'prove', { form })),
  submit: (state) =>
    drawSample(
      state,
      'prove',
      modelOfGreen(state) ?? blueModelOf(state),
      MOST_ROWS,
      mostAtOnce(state),
    ),
  bindings: (state) => {
    const { tested, failure } = sampleScreen(state, 'prove');
    if (failure) {
      return [
        {
          keys: ['enter', 'r'],
          label: 'try again',
          run: (now) => next(dropFromScreen(now, 'prove', 'failure')),
        },
      ];
    }
    if (tested) return resultBindings(state, tested.verdicts ?? []);
    return [
      { keys: ['enter'], label: 'next' },
      { keys: ['up', 'down', 'tab'], label: 'field' },
      ...(isBehind(state) ? [{ keys: ['n'], label: 'skip ahead', run: goOn }] : []),
    ];
  },
  answered: (state, event) => {
    if (event.do === 'sample') {
      const read = withScreen(state, 'prove', { sample: event.answer });
      return fits(event.answer) ? send(read, event.answer) : next(read);
    }
    if (event.do === 'replay') {
      const held: State = { ...state, view: 'prove' };
      return next(withScreen(held, 'prove', { tested: event.answer.tested }));
    }
    if (event.do === 'planLoad') return askToLoad(state, event.answer);
    if (event.do === 'loadCheck') {
      const { opened: _, ...load } = event.answer;
      return next(withScreen({ ...state, view: 'prove' }, 'prove', { load }));
    }
    // A reason was given: on to the traffic.
    return event.do === 'override' ? goOn(state) : next(state);
  },
  failed: (state, event) =>
    event.do === 'sample' ? sampleRefused(state, 'prove', event.failed.failure.message) : undefined,
};
