/** A registered model version, or a folder, job output or registry model to register. */
import { NEXT_VERSION } from '../../rollout/changes/change.js';
import { seenVersion } from '../../rollout/changes/conditions.js';
import type { Choice, ModelChoice } from '../../rollout/journal/entry.js';
import { succeeded } from '../../rollout/journal/view.js';
import { failedBindings } from '../failed-keys.js';
import { flagged } from '../form.js';
import { forward, isBehind } from '../navigation.js';
import { isGuarded } from '../policy.js';
import type { State } from '../state.js';
import type { Standpoint, Step } from '../step.js';
import { dropFromScreen, next, say, withScreen, work, type Update } from '../update.js';
import { fromFile, modelForm, withAnotherFolder, type ModelStep } from './model-form.js';
import {
  ADOPT,
  blueModelOf,
  FROM_FOLDER,
  FROM_JOB,
  FROM_URI,
  isRegistered,
  NOTHING,
} from './model-list.js';
import {
  registration,
  standsInTheWay,
  subjectOf,
  type ModelScreenState,
  type ModelSubject,
} from './model-subject.js';
import { settingUp } from './setting-up.js';
import { workspaceModel } from '../../common/model-ref.js';

declare module '../step.js' {
  interface Screens {
    'blue-model': ModelScreenState;
    'new-model': ModelScreenState;
  }
}

/** Registered in this rollout, or a registered version chosen that the workspace still has. */
function isThere(choice: ModelChoice | undefined, { now, view }: Standpoint): boolean {
  if (choice?.id !== undefined) return true;
  if (choice?.version === undefined) return false;
  const { name, version } = choice;
  const listed = seenVersion(now, name, version) !== undefined;
  const done = view.changes.filter(succeeded).some(({ change }) => {
    return change.kind === 'registerModel' && change.model === name && change.version === version;
  });
  return listed || done;
}

function makeStep(
  id: ModelStep,
  choiceKey: 'blueModel' | 'newModel',
  place: Pick<Step, 'title' | 'shown' | 'passed'>,
): Step {
  const screenOf = (state: State): ModelScreenState => state.screens[id] ?? { mode: 'list' };

  const openForm = (state: State, mode: 'folder' | 'uri', uri = ''): Update =>
    next(
      withScreen(dropFromScreen(state, id, 'failure'), id, {
        mode,
        form: modelForm(state, id, mode, uri),
      }),
    );

  function review(state: State, subject: ModelSubject): Update {
    const ready = withScreen(dropFromScreen(state, id, 'look', 'unread', 'failure'), id, {
      subject,
    });
    const wait = { title: 'Reading the model', writes: false };
    switch (subject.kind) {
      case 'folder':
        return work(ready, { do: 'lookAtFolder', folder: subject.folder }, wait);
      case 'version':
        return work(
          ready,
          { do: 'lookAtVersion', model: subject.model, version: subject.version },
          wait,
        );
      case 'uri':
        return work(ready, { do: 'lookAtUri', uri: subject.uri }, wait);
      case 'registry': {
        const unread = 'a registry shows its files to Azure only';
        return next(withScreen(ready, id, { mode: 'review', unread }));
      }
    }
  }

  function submit(state: State): Update {
    const { form, mode, models } = screenOf(state);
    if (!form || (mode !== 'folder' && mode !== 'uri')) return next(state);
    const found = subjectOf(form, mode, models);
    return 'kind' in found
      ? review(state, found)
      : next(withScreen(state, id, { form: flagged(form, found.field, found.sentence) }));
  }

  /** A version known to exist is only chosen; anything else is registered first. */
  function use(state: State): Update {
    const { subject } = screenOf(state);
    if (!subject) return next(state);
    if (subject.kind === 'version') {
      const choice: Choice = { [choiceKey]: { name: subject.model, version: subject.version } };
      return next(state, { do: 'record', choice });
    }
    if (subject.kind === 'registry') {
      const { model: name, version, id: place } = subject;
      return next(state, {
        do: 'record',
        choice: { [choiceKey]: { name, version, id: place } },
      });
    }
    return work(
      state,
      {
        do: 'nextVersion',
        model: subject.model,
        ...(subject.kind === 'uri' && { uri: subject.uri }),
        ...(subject.kind === 'folder' && { folder: subject.folder }),
      },
      { title: `Looking for the same content in ${subject.model}`, writes: false },
    );
  }

  /** A deployment that someone made beside blue becomes green as it is. */
  function adopt(state: State, name: string): Update {
    const opened = state.session?.opened;
    const deployment = opened?.snapshot.deployments.find((each) => each.name === name);
    const model = deployment && workspaceModel(deployment.model);
    const { blue } = opened?.roles ?? {};
    return next(state, {
      do: 'record',
      choice: { roles: { ...(blue && { blue }), green: name }, ...(model && { newModel: model }) },
    });
  }

  function register(state: State, version: string): Update {
    const change = registration(screenOf(state), version);
    if (!change) return next(state);
    const chosen = {
      name: change.model,
      version,
      ...(change.folder !== undefined && { folder: change.folder }),
    };
    return work(
      state,
      { do: 'run', changes: [change], choice: { [choiceKey]: chosen } },
      { title: `Registering ${change.model} version ${version}`, writes: true, change },
    );
  }

  return {
    id,
    ...place,
    enter: (state) => {
      // An answer of an earlier visit is about a model that nobody chose now.
      const started = withScreen(dropFromScreen(state, id, 'subject', 'look', 'unread'), id, {
        mode: 'list',
      });
      const live = id === 'new-model' ? blueModelOf(state) : undefined;
      const file = fromFile(state, id);
      const fresh = (!isGuarded(state) || file !== undefined) && !isBehind(state);
      const ready = fresh ? openForm(started, file?.mode ?? 'folder').state : started;
      return next(
        ready,
        { do: 'listModels' },
        { do: 'listJobModels' },
        ...(live ? [{ do: 'lookAtBlue' as const, model: live.name, version: live.version }] : []),
      );
    },
    form: (state) => {
      const { form, mode, failure } = screenOf(state);
      return form && !failure && (mode === 'folder' || mode === 'uri')
        ? {
            form,
            action: mode === 'folder' ? 'Review, then register' : 'Review',
            short: 'review',
          }
        : undefined;
    },
    setForm: (state, form) => next(withScreen(state, id, { form })),
    submit,
    preview: (state) => {
      const change = registration(screenOf(state), NEXT_VERSION);
      return change ? [change] : [];
    },
    bindings: (state) => {
      const screen = screenOf(state);
      if (screen.failure) {
        return failedBindings(state, id, undefined, (now) =>
          screenOf(now).models ? next(now) : next(now, { do: 'listModels' }),
        );
      }
      if (screen.mode === 'list') {
        return [
          { keys: ['enter'], label: 'review' },
          { keys: ['n'], label: 'register a folder', run: (now) => openForm(now, 'folder') },
          ...(isBehind(state)
            ? [{ keys: ['tab'], label: 'keep the answer', run: (now: State) => next(forward(now)) }]
            : []),
        ];
      }
      if (screen.mode === 'review') {
        const blocked = standsInTheWay(screen);
        return [
          {
            keys: ['enter'],
            label: isRegistered(screen.subject) ? 'use it' : 'register',
            ...(blocked !== undefined && { disabledBecause: blocked }),
            run: use,
          },
          {
            keys: ['o'],
            label: 'use it anyway',
            helpOnly: blocked === undefined,
            ...(blocked === undefined && { disabledBecause: 'There is no error to override.' }),
            run: use,
          },
        ];
      }
      return [
        { keys: ['enter'], label: 'next' },
        { keys: ['up', 'down', 'tab'], label: 'field' },
      ];
    },
    chosen: (state, list, value) => {
      if (list !== 'models') return next(state);
      if (value === NOTHING)
        return next(say(state, 'warning', 'Move to a version with ↓ first, then Enter.'));
      if (value === FROM_FOLDER) return openForm(state, 'folder');
      if (value === FROM_URI) return openForm(state, 'uri');
      if (value.startsWith(FROM_JOB)) return openForm(state, 'uri', value.slice(FROM_JOB.length));
      if (value.startsWith(ADOPT)) return adopt(state, value.slice(ADOPT.length));
      const at = value.lastIndexOf(':');
      return review(state, {
        kind: 'version',
        model: value.slice(0, at),
        version: value.slice(at + 1),
      });
    },
    back: (state) => {
      const screen = screenOf(state);
      if (screen.mode === 'list') return undefined;
      if (screen.mode === 'review' && screen.form && screen.subject) {
        const { kind } = screen.subject;
        if (kind !== 'version')
          return next(withScreen(state, id, { mode: kind === 'folder' ? 'folder' : 'uri' }));
      }
      // Where nothing is registered yet, the form is the step's top.
      if (screen.mode !== 'review' && screen.models?.length === 0) return undefined;
      return next(withScreen(dropFromScreen(state, id, 'failure'), id, { mode: 'list' }));
    },
    answered: (state, event) => {
      switch (event.do) {
        case 'listModels': {
          const listed = withScreen(state, id, { models: event.answer });
          const form = withAnotherFolder(listed, id, screenOf(listed));
          return next(form ? withScreen(listed, id, { form }) : listed);
        }
        case 'listJobModels':
          return next(withScreen(state, id, { jobs: event.answer }));
        case 'lookAtFolder':
        case 'lookAtVersion':
          return next(withScreen(state, id, { mode: 'review', look: event.answer }));
        case 'lookAtUri':
          return next(
            withScreen(state, id, {
              mode: 'review',
              ...('look' in event.answer
                ? { look: event.answer.look }
                : { unread: event.answer.why }),
            }),
          );
        case 'lookAtBlue':
          return next(withScreen(state, id, { liveLook: event.answer }));
        case 'nextVersion': {
          const { model: name, version, registered } = event.answer;
          return registered
            ? next(state, { do: 'record', choice: { [choiceKey]: { name, version } } })
            : register(state, version);
        }
        case 'record':
        case 'run':
          return next(forward(state));
        default:
          return next(state);
      }
    },
    failed: (state, event) => {
      if (event.do === 'lookAtBlue' || event.do === 'listJobModels') return next(state);
      const { form } = screenOf(state);
      if ((event.do === 'lookAtFolder' || event.do === 'lookAtUri') && form) {
        const { message } = event.failed.failure;
        return next(withScreen(state, id, { form: flagged(form, 'place', message) }));
      }
      return undefined;
    },
  };
}

export const blueModelStep = makeStep('blue-model', 'blueModel', {
  title: 'model',
  shown: settingUp,
  passed: (at) =>
    at.live.length > 0 || at.now.deployments.length > 0 || isThere(at.view.choice.blueModel, at),
});
export const newModelStep = makeStep('new-model', 'newModel', {
  title: 'new model',
  passed: (at) => at.green !== undefined || isThere(at.view.choice.newModel, at),
});
