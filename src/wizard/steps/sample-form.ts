/** What test and prove share: which rows of which CSV, and the table where columns differ. */
import type { PlannedEvidence } from '../../rollout/plan/proof.js';
import type { Loaded, Tested } from '../effects/shown.js';
import type { Sample, SampleSpec } from '../effects/sample.js';
import { fieldNumber, fieldValue, flagged, makeForm, type Field, type Form } from '../form.js';
import { isGuarded } from '../policy.js';
import type { State } from '../state.js';
import type { ScreenState } from '../step.js';
import { typedPairs } from '../typed-text.js';
import { dropFromScreen, next, withScreen, work, type Update } from '../update.js';

export type SampleStep = 'test' | 'prove';

export interface SampleScreenState extends ScreenState {
  form?: Form;
  sample?: Sample;
  tested?: Tested;
  load?: Loaded | undefined;
  /** Green is being deleted to end the rollout, not for another one. */
  givingUp?: boolean;
  renames: Record<string, string>;
  /** Index of the first shown row that differs. */
  offset: number;
}

export const sampleScreen = (state: State, id: SampleStep): SampleScreenState =>
  state.screens[id] ?? { renames: {}, offset: 0 };

/** The file of an earlier test is proposed again, with its renames; the seed is a new choice. */
export function sampleFields(state: State, rows: number): Field[] {
  const earlier = state.session?.opened?.journal.choice.csv;
  const path = earlier?.path ?? (isGuarded(state) ? '' : state.defaults.csv);
  return [
    {
      id: 'path',
      label: 'Rows from',
      kind: 'text',
      value: path,
      path: true,
      hint: 'a file, azureml:NAME@latest or collected:24h',
    },
    { id: 'rows', label: 'Rows', kind: 'number', value: String(rows) },
    {
      id: 'seed',
      label: 'Seed',
      kind: 'number',
      value: String(state.defaults.seed),
      hint: 'same seed, same rows',
    },
    {
      id: 'target',
      label: 'Target',
      kind: 'text',
      value: earlier?.target ?? '',
      hint: 'empty: found from the model; - for none',
    },
    {
      id: 'renames',
      label: 'Renames',
      kind: 'text',
      value: Object.entries(earlier?.renames ?? {})
        .map((pair) => pair.join('='))
        .join(' '),
      hint: 'only where names differ: model=csv model=csv',
    },
  ];
}

export const sampleForm = (state: State, rows: number): Form =>
  makeForm(sampleFields(state, rows), isGuarded(state));

const readRenames = (form: Form): Record<string, string> | string =>
  typedPairs(fieldValue(form, 'renames'), 'model=csv');

function readSpec(form: Form, renames: Record<string, string>): SampleSpec {
  const inFlight = fieldValue(form, 'inFlight');
  return {
    path: fieldValue(form, 'path'),
    rows: fieldNumber(form, 'rows'),
    seed: fieldNumber(form, 'seed'),
    ...(inFlight !== '' && { inFlight: fieldNumber(form, 'inFlight') }),
    target: fieldValue(form, 'target'),
    renames,
  };
}

/** Reads the rows; what is sent follows once they are known to fit. */
export function drawSample(
  state: State,
  id: SampleStep,
  model: { name: string; version: string } | undefined,
  most: number,
  mostInFlight = 1,
): Update {
  const { form } = sampleScreen(state, id);
  if (!form) return next(state);
  const wrong = (field: string, sentence: string): Update =>
    next(withScreen(state, id, { form: flagged(form, field, sentence) }));
  const renames = readRenames(form);
  if (typeof renames === 'string') return wrong('renames', renames);
  const spec = readSpec(form, renames);
  if (spec.path === '')
    return wrong('path', 'Enter a file with a header line, a data asset or collected:24h.');
  if (!(spec.rows >= 1 && spec.rows <= most)) {
    const typed = fieldValue(form, 'rows');
    return wrong('rows', `Invalid number "${typed}". Enter a whole number from 1 to ${most}.`);
  }
  if (!Number.isSafeInteger(spec.seed)) {
    const typed = fieldValue(form, 'seed');
    return wrong('seed', `Invalid seed "${typed}". Enter a whole number.`);
  }
  const { inFlight = 1 } = spec;
  if (!Number.isInteger(inFlight) || inFlight < 1 || inFlight > mostInFlight) {
    const range = mostInFlight === 1 ? '1' : `1 to ${mostInFlight}`;
    return wrong('inFlight', `Enter ${range}: the smaller deployment handles no more at once.`);
  }
  return work(
    dropFromScreen(state, id, 'failure', 'tested', 'sample', 'load'),
    { do: 'sample', spec, model: model?.name ?? '', version: model?.version ?? '' },
    { title: `Reading ${spec.path}`, writes: false },
  );
}

/** What a plan says of the rows that the form asks for. */
export const evidenceOf = ({ spec, absolutePath, target }: Sample): Partial<PlannedEvidence> => ({
  csv: absolutePath,
  rows: spec.rows,
  seed: spec.seed,
  target: spec.target === '-' ? '-' : target,
  ...(Object.keys(spec.renames).length > 0 && { renames: spec.renames }),
  ...(spec.inFlight !== undefined && { inFlight: spec.inFlight }),
});

export const fits = (sample: Sample): boolean =>
  sample.rows.length > 0 && !sample.matches.some((match) => match.problem);

/** A refused file or column belongs beside the form it was typed into. */
export function sampleRefused(state: State, id: SampleStep, sentence: string): Update {
  const { form } = sampleScreen(state, id);
  if (!form) return next(state);
  return next(withScreen(state, id, { form: flagged(form, 'path', sentence) }));
}
