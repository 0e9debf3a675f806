/** The report and the exported scripts; then leaving, or cleaning up what this rollout made. */
import { leave } from '../leaving.js';
import { isGuarded } from '../policy.js';
import type { State } from '../state.js';
import type { ScreenState, Step } from '../step.js';
import { dropFromScreen, next, push, say, withScreen, work, type Update } from '../update.js';

declare module '../step.js' {
  interface Screens {
    report: ReportScreenState;
  }
}

interface ReportScreenState extends ScreenState {
  files?: { what: string; path: string }[];
}

const screenOf = (state: State) => state.screens.report ?? {};

/** Closing takes the rollout's tags off the endpoint: on Azure a person asks for that. */
function write(state: State, close = !isGuarded(state)): Update {
  return work(
    dropFromScreen(state, 'report', 'failure'),
    { do: 'writeReport', close },
    { title: close ? 'Closing the rollout' : 'Writing the report', writes: close },
  );
}

/** Its report is written, and its tags are still on the endpoint. */
const isOpen = (state: State): boolean =>
  state.session?.opened !== undefined && !state.session.opened.journal.completed;

function askToDelete(state: State): Update {
  const opened = state.session?.opened;
  if (!opened) return next(state);
  return next(
    push(state, {
      kind: 'type-name',
      title: `Delete endpoint ${opened.endpoint}`,
      lines: [
        'Deletes the endpoint with all its deployments. Its callers get errors from then on.',
      ],
      name: opened.endpoint,
      typed: '',
      then: { do: 'run', changes: [{ kind: 'deleteEndpoint', endpoint: opened.endpoint }] },
      task: `Deleting endpoint ${opened.endpoint}`,
    }),
  );
}

export const reportStep: Step = {
  id: 'report',
  title: 'report',
  passed: () => false,
  enter: (state) => {
    if (screenOf(state).files) return next(state);
    return write(withScreen(state, 'report', {}));
  },
  bindings: (state) => {
    const opened = state.session?.opened;
    const { files, failure } = screenOf(state);
    const deletable = opened?.journal.createdEndpoint === true && opened.snapshot.endpoint;
    return [
      files && isOpen(state)
        ? { keys: ['enter'], label: 'close the rollout', run: (now) => write(now, true) }
        : files
          ? { keys: ['enter'], label: 'leave', run: (now) => leave(now, 0) }
          : {
              keys: ['enter'],
              label: failure ? 'write it again' : 'write the report',
              run: (now) => write(now),
            },
      {
        keys: ['D'],
        label: 'delete endpoint',
        helpOnly: !deletable,
        ...(!deletable && {
          disabledBecause: opened?.snapshot.endpoint
            ? 'Only an endpoint that this rollout created can be deleted here.'
            : 'The endpoint is deleted already.',
        }),
        run: askToDelete,
      },
    ];
  },
  answered: (state, event) => {
    if (event.do === 'writeReport') {
      const held: State = { ...state, view: 'report' };
      return next(withScreen(held, 'report', { files: event.answer.files }));
    }
    if (event.do === 'run') {
      const held: State = { ...state, view: 'report' };
      return next(say(held, 'good', 'The endpoint is deleted.'));
    }
    return next(state);
  },
};
