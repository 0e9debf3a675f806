/** The same rows on blue and green, each pinned by header, before green gets any traffic. */
import { grouped, rowsOf } from '../../common/counts.js';
import { gateTitle } from '../../rollout/evidence/gates/settings.js';
import { plannedMeaning } from '../../rollout/evidence/output/meaning.js';
import type { Verdict } from '../../rollout/evidence/gates/verdict.js';
import { mostInFlight } from '../../rollout/evidence/in-flight.js';
import { hasPassed, lastJudged, notPassed, type Judged } from '../../rollout/moves/judged.js';
import type { MoreRows } from '../../rollout/moves/move.js';
import { proveMove } from '../../rollout/moves/prove.js';
import type { Sample } from '../effects/sample.js';
import { makeForm, type Form } from '../form.js';
import type { Binding } from '../keys.js';
import { forward, isBehind, look } from '../navigation.js';
import type { Overlay } from '../overlays.js';
import { PROOF_ROWS } from '../plan-form.js';
import { takePlanFile } from '../plan-keys.js';
import { planOf } from '../plan.js';
import { isGuarded } from '../policy.js';
import { performMove, performed } from '../recommended.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { dropFromScreen, next, push, say, withScreen, type Update } from '../update.js';
import { deploymentOf } from './deployment-form.js';
import { askToLoad, loadBinding, loadInTheWay } from './load.js';
import { blueModelOf } from './model-list.js';
import {
  drawSample,
  evidenceOf,
  fits,
  sampleFields,
  sampleRefused,
  sampleScreen,
  type SampleScreenState,
} from './sample-form.js';
import { workspaceModel } from '../../common/model-ref.js';
import { replaceBindings } from './replace-green.js';

declare module '../step.js' {
  interface Screens {
    prove: SampleScreenState;
  }
}

const MOST_ROWS = 10_000;

const modelOfGreen = (state: State): { name: string; version: string } | undefined => {
  const green = deploymentOf(state.session?.opened, 'green');
  return green && workspaceModel(green.model);
};

/** The same as of a test, and how many rows are under way at once. */
function proveForm(state: State): Form {
  const hint = 'concurrent requests; blue serves users too';
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

/** The rows of the form; or a further round, as the last one asks for it. */
function send(state: State, sample: Sample, more?: MoreRows): Update {
  const { blue, green } = state.session?.opened?.roles ?? {};
  if (!blue || !green) return next(state);
  const plan = planOf(state);
  return performMove(
    state,
    { id: 'prove', blue, green, more },
    {
      title: `Sending ${rowsOf(more?.count ?? sample.rows.length)} to ${blue} and ${green}`,
      plan: { ...plan, evidence: { ...plan.evidence, ...evidenceOf(sample) } },
    },
  );
}

/** The answers that there are, judged by what the plan says of them now; nothing is sent. */
const judgeAgain = (state: State, sample: Sample): Update =>
  send(state, sample, { count: 0, again: true });

/** Classes whose order the person has seen, and not confirmed yet. */
const classesToConfirm = (state: State): readonly string[] | undefined =>
  planOf(state).evidence?.classes === undefined ? provedScreen(state).tested?.proposal : undefined;

/** The order is kept in the plan, where it can be seen and changed; then the answers are judged again. */
function confirmClasses(state: State, classes: readonly string[]): Update {
  const known = planOf(state);
  const plan = { ...known, evidence: { ...known.evidence, classes } };
  return next(state, { do: 'usePlan', plan });
}

/** What the plan says of the answers is not what they were judged by. */
function isReadOtherwise(state: State): boolean {
  const { tested } = provedScreen(state);
  const now = plannedMeaning(planOf(state).evidence ?? {});
  return tested !== undefined && JSON.stringify(tested.meaning ?? {}) !== JSON.stringify(now);
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

/** The gates passed, or a reason was given for going on without. */
const isProved = (state: State): boolean => {
  const { journal, roles } = state.session?.opened ?? {};
  return journal !== undefined && hasPassed(lastJudged(journal, roles?.green, 'prove'));
};

/** Each gate's sentence, and whether it stops a rollout. */
export const whyLines = (verdicts: readonly Verdict[]): string[] =>
  verdicts.map(({ gate, mode, why }) => `${gateTitle(gate)} (${mode}): ${why}`);

function whyOverlay(verdicts: readonly Verdict[]): Overlay {
  const lines = whyLines(verdicts);
  return { kind: 'message', title: 'WHY', lines };
}

const goOn = (state: State): Update => next(forward(state));

function enterBinding(state: State): Binding {
  const inTheWay = loadInTheWay(state) !== undefined && !isBehind(state);
  if (!inTheWay && (isProved(state) || isBehind(state))) {
    return { keys: ['enter'], label: 'next', run: goOn };
  }
  const { tested, sample } = provedScreen(state);
  if (isReadOtherwise(state) && sample && !inTheWay) {
    return { keys: ['enter'], label: 'judge again', run: (now) => judgeAgain(now, sample) };
  }
  const more = tested?.more;
  if (more && sample && !inTheWay) {
    const label = more.again ? `repeat ${rowsOf(more.count)}` : `send ${grouped(more.count)} more`;
    return { keys: ['enter'], label, run: (now) => send(now, sample, more) };
  }
  return {
    keys: ['enter'],
    label: 'hold',
    run: (now) =>
      next(
        say(
          now,
          'warning',
          'Green stays at 0%. w: why · r: send other rows · o: override · x: replace green',
        ),
      ),
  };
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
    ...replaceBindings(state),
    {
      keys: ['o'],
      label: 'override',
      helpOnly: proved,
      ...(proved && { disabledBecause: 'Every enforced gate passed.' }),
      run: (now) =>
        next(
          push(now, {
            kind: 'reason',
            title: 'Override the failed gates',
            lines: ['The journal and the report keep the reason.'],
            typed: '',
            then: { do: 'override', stage: isProved(now) ? 'load' : 'prove' },
          }),
        ),
    },
  ];
}

export const proveStep: Step = {
  id: 'prove',
  title: 'prove',
  passed: (at) => at.view.aborted !== undefined || !proveMove.when(at),
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
    return takePlanFile(saidEarlier(ready));
  },
  form: (state) => {
    const { form, tested, failure } = sampleScreen(state, 'prove');
    return form && !tested && !failure
      ? { form, action: 'Send the same rows to blue and green', short: 'send' }
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
      ...(lastFailure(state) ? replaceBindings(state) : []),
    ];
  },
  answered: (state, event) => {
    if (event.do === 'sample') {
      const read = withScreen(state, 'prove', { sample: event.answer });
      return fits(event.answer) ? send(read, event.answer) : next(read);
    }
    const sent = performed(event, 'prove');
    if (sent) return next(withScreen({ ...state, view: 'prove' }, 'prove', { tested: sent.shown }));
    if (event.do === 'planLoad') return askToLoad(state, event.answer);
    const loaded = performed(event, 'check-load');
    if (loaded) {
      return next(withScreen({ ...state, view: 'prove' }, 'prove', { load: loaded.shown }));
    }
    if (performed(event, 'delete-green')) {
      const { givingUp } = sampleScreen(state, 'prove');
      const clean = dropFromScreen(state, 'prove', 'tested', 'sample', 'givingUp');
      if (givingUp) {
        // Without green another step would be active, and get the answer.
        const here: State = { ...clean, view: 'prove' };
        return performMove(here, { id: 'abort', because: [] }, { title: 'Ending the rollout' });
      }
      return next(look(clean, 'new-model'));
    }
    const { sample } = provedScreen(state);
    if (event.do === 'usePlan' && sample && isReadOtherwise(state))
      return judgeAgain(state, sample);
    // A reason was given: on to the traffic.
    return event.do === 'override' ? goOn(state) : next(state);
  },
  failed: (state, event) =>
    event.do === 'sample' ? sampleRefused(state, 'prove', event.failed.failure.message) : undefined,
};

/** The last proof of this green, where it did not pass and nobody overrode it. */
function lastFailure(state: State): Judged | undefined {
  const { journal, roles } = state.session?.opened ?? {};
  const last = journal && lastJudged(journal, roles?.green, 'prove');
  return hasPassed(last) ? undefined : last;
}

/** What an earlier session found is said when the rollout is opened again. */
function saidEarlier(state: State): State {
  const last = lastFailure(state);
  const { session } = state.session?.opened ?? {};
  if (!last || last.line >= (session?.firstLine ?? 0)) return state;
  const why = notPassed(last.verdicts).map((each) => each.why);
  const what = last.decision === 'stop' ? 'failed' : 'was inconclusive';
  const keys = 'x: replace green · X: give up';
  return say(state, 'warning', [`The last proof ${what} (${keys}).`, ...why].join(' '));
}
