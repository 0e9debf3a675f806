/** The same rows on blue and green, each pinned by header, before green gets any traffic. */
import type { Binding } from '../keys.js';
import { forward, isBehind } from '../navigation.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { dropFromScreen, next, push, say, withScreen, work, type Update } from '../update.js';
import { blueModelOf, modelOf } from './model.js';
import { deploymentOf } from './deployment-form.js';
import { drawSample, fits, sampleForm, sampleRefused, sampleScreen } from './sample-form.js';

/** Five rows prove nothing; three hundred bound a difference of labels at about 1 %. */
const ROWS = 300;
const MOST_ROWS = 10_000;

const modelOfGreen = (state: State): { name: string; version: string } | undefined => {
  const green = deploymentOf(state.session?.opened, 'green');
  return green && modelOf(green.model);
};

/** Rows that green failed to answer although blue did not: users would have seen an error. */
export function greenFailures(state: State): number {
  const green = state.session?.opened?.roles.green ?? '';
  const blue = state.session?.opened?.roles.blue ?? '';
  const rows = sampleScreen(state, 'prove').tested?.rows ?? [];
  return rows.filter((row) => row.answers[green]?.failed && !row.answers[blue]?.failed).length;
}

function goOn(state: State): Update {
  return next(forward(state));
}

const resultBindings = (state: State): Binding[] => {
  const failures = greenFailures(state);
  return [
    {
      keys: ['enter'],
      label: 'next',
      ...(failures > 0 && {
        disabledBecause: `NEW failed on ${failures} rows that LIVE answered: read its log (L), send again (r), or go on anyway (o).`,
      }),
      run: goOn,
    },
    {
      keys: ['d'],
      label: 'rows',
      run: (now) => next(push(now, { kind: 'rows', offset: 0 })),
    },
    {
      keys: ['r'],
      label: 'send other rows',
      run: (now) => next(dropFromScreen(now, 'prove', 'tested', 'sample')),
    },
    {
      keys: ['o'],
      label: 'go on anyway',
      helpOnly: failures === 0,
      ...(failures === 0 && { disabledBecause: 'Nothing stands in the way.' }),
      run: (now) => goOn(say(now, 'warning', `Going on although NEW failed on ${failures} rows.`)),
    },
  ];
};

export const prove: Step = {
  id: 'prove',
  title: 'prove',
  enter: (state) => {
    const { tested, sample } = sampleScreen(state, 'prove');
    return next(
      withScreen(state, 'prove', {
        form: sampleForm(state, ROWS),
        renames: {},
        offset: 0,
        ...(tested && isBehind(state) && { tested }),
        ...(sample && isBehind(state) && { sample }),
      }),
    );
  },
  form: (state) => {
    const { form, tested, failure } = sampleScreen(state, 'prove');
    return form && !tested && !failure
      ? { form, action: 'Send the same rows to LIVE and NEW', short: 'send' }
      : undefined;
  },
  setForm: (state, form) => next(withScreen(state, 'prove', { form })),
  submit: (state) =>
    drawSample(state, 'prove', modelOfGreen(state) ?? blueModelOf(state), MOST_ROWS),
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
    if (tested) return resultBindings(state);
    return [
      { keys: ['enter'], label: 'next' },
      { keys: ['up', 'down', 'tab'], label: 'field' },
      ...(isBehind(state) ? [{ keys: ['n'], label: 'skip ahead', run: goOn }] : []),
    ];
  },
  answered: (state, event) => {
    const roles = state.session?.opened?.roles;
    if (event.do === 'sample') {
      const read = withScreen(state, 'prove', { sample: event.answer });
      if (!fits(event.answer) || !roles?.blue || !roles.green) return next(read);
      return work(
        read,
        { do: 'replay', sample: event.answer, blue: roles.blue, green: roles.green },
        {
          title: `Sending ${event.answer.rows.length} rows to ${roles.blue} and ${roles.green}`,
          writes: false,
        },
      );
    }
    if (event.do === 'replay') {
      const held: State = { ...state, view: 'prove' };
      return next(withScreen(held, 'prove', { tested: event.answer.tested }));
    }
    return next(state);
  },
  failed: (state, event) =>
    event.do === 'sample' ? sampleRefused(state, 'prove', event.failed.failure.message) : undefined,
};
