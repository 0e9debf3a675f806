/** A few rows through the endpoint as a user would send them: does it answer at all? */
import { rowsOf } from '../../common/counts.js';
import type { Binding } from '../keys.js';
import { forward, isBehind } from '../navigation.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { planOf } from '../plan.js';
import { performMove, performed } from '../recommended.js';
import { dropFromScreen, next, withScreen } from '../update.js';
import { blueModelOf } from './model-list.js';
import {
  drawSample,
  evidenceOf,
  fits,
  sampleForm,
  sampleRefused,
  sampleScreen,
  type SampleScreenState,
} from './sample-form.js';
import { settingUp } from './setting-up.js';

declare module '../step.js' {
  interface Screens {
    test: SampleScreenState;
  }
}

const ROWS = 5;
const MOST_ROWS = 100;

const again: Binding = {
  keys: ['r'],
  label: 'send other rows',
  run: (state) => next(dropFromScreen(state, 'test', 'tested', 'sample')),
};

export const testStep: Step = {
  id: 'test',
  title: 'test',
  shown: settingUp,
  // Only a blue that this rollout made was never asked; choosing the new model leaves it untested.
  passed: ({ view, green }) =>
    !view.createdBlue ||
    green !== undefined ||
    view.roles.green !== undefined ||
    view.choice.newModel !== undefined ||
    view.tests.some(({ result }) => result.purpose === 'test'),
  enter: (state) => {
    const { tested, sample } = sampleScreen(state, 'test');
    return next(
      withScreen(state, 'test', {
        form: sampleForm(state, ROWS),
        renames: {},
        offset: 0,
        ...(tested && { tested }),
        ...(sample && { sample }),
      }),
    );
  },
  form: (state) => {
    const { form, tested, failure } = sampleScreen(state, 'test');
    return form && !tested && !failure
      ? { form, action: 'Send the rows through the endpoint', short: 'send' }
      : undefined;
  },
  setForm: (state, form) => next(withScreen(state, 'test', { form })),
  submit: (state) => drawSample(state, 'test', blueModelOf(state), MOST_ROWS),
  bindings: (state) => {
    const { tested, failure } = sampleScreen(state, 'test');
    if (failure) {
      return [
        {
          keys: ['enter', 'r'],
          label: 'try again',
          run: (now) => next(dropFromScreen(now, 'test', 'failure')),
        },
      ];
    }
    if (tested) {
      const answered = tested.rows.some((row) =>
        Object.values(row.answers).some((each) => !each.failed),
      );
      return [
        {
          keys: ['enter'],
          label: 'next',
          ...(!answered &&
            !isBehind(state) && {
              disabledBecause: 'Every request failed. Press L for logs or r to retry.',
            }),
          run: (now: State) => next(forward(now)),
        },
        again,
      ];
    }
    return [
      { keys: ['enter'], label: 'next' },
      { keys: ['up', 'down', 'tab'], label: 'field' },
    ];
  },
  answered: (state, event) => {
    if (event.do === 'sample') {
      const read = withScreen(state, 'test', { sample: event.answer });
      if (!fits(event.answer)) return next(read);
      return performMove(
        read,
        { id: 'test' },
        {
          title: `Sending ${rowsOf(event.answer.rows.length)} through the endpoint`,
          plan: { ...planOf(state), evidence: evidenceOf(event.answer) },
        },
      );
    }
    const sent = performed(event, 'test');
    if (sent) {
      // Held here, so that the answers can be read before the next step.
      const held: State = { ...state, view: 'test' };
      return next(withScreen(held, 'test', { tested: sent.shown }));
    }
    return next(state);
  },
  failed: (state, event) =>
    event.do === 'sample' ? sampleRefused(state, 'test', event.failed.failure.message) : undefined,
};
