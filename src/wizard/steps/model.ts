/** A registered model version, or a folder, job output or registry model to register. */
import type { RegisterModel } from '../../rollout/changes/change.js';
import type { Choice } from '../../rollout/journal-entry.js';
import { nameProblem } from '../../rollout/names.js';
import { diffSignatures } from '../../sampling/signature.js';
import { failedBindings } from '../failed-keys.js';
import { fieldValue, flagged, makeForm, type Field } from '../form.js';
import { forward, isBehind } from '../navigation.js';
import { isGuarded } from '../policy.js';
import type { ModelScreen, ModelSubject } from '../screens.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { dropFromScreen, next, say, withScreen, work, type Update } from '../update.js';

type ModelStep = 'blue-model' | 'new-model';

/** The list's own items beside the registered versions, which are `<model>:<version>`. */
export const FROM_FOLDER = '+folder';
export const FROM_URI = '+uri';
/** Before the name of a deployment that is there already, without traffic. */
export const ADOPT = '+adopt:';
/** What the cursor is on before anything was chosen, where Enter must not choose. */
export const NOTHING = '';

/** Name of the model that blue runs, out of `.../models/<name>/versions/<version>`. */
export function modelOf(armId: string): { name: string; version: string } | undefined {
  const match = /\/models\/([^/]+)\/versions\/([^/]+)$/i.exec(armId);
  return match?.[1] && match[2] ? { name: match[1], version: match[2] } : undefined;
}

export function blueModelOf(state: State): { name: string; version: string } | undefined {
  const opened = state.session?.opened;
  const blue = opened?.snapshot.deployments.find((each) => each.name === opened.roles.blue);
  return blue && modelOf(blue.model);
}

function makeStep(id: ModelStep, title: string, choiceKey: 'blueModel' | 'newModel'): Step {
  const screenOf = (state: State): ModelScreen => state.screens[id] ?? { mode: 'list' };

  const proposedName = (state: State): string =>
    (id === 'new-model' ? blueModelOf(state)?.name : undefined) ??
    state.session?.opened?.journal.choice.blueModel?.name ??
    (isGuarded(state) ? '' : 'heart-classifier');

  const proposedFolder = (state: State): string =>
    isGuarded(state)
      ? ''
      : id === 'blue-model'
        ? state.defaults.blueFolder
        : state.defaults.newFolder;

  function openForm(state: State, mode: 'folder' | 'uri'): Update {
    const place: Field =
      mode === 'folder'
        ? {
            id: 'place',
            label: 'Folder',
            kind: 'text',
            value: proposedFolder(state),
            hint: 'an MLflow model folder: the one that holds MLmodel',
          }
        : {
            id: 'place',
            label: 'Model uri',
            kind: 'text',
            value: '',
            hint: 'azureml://jobs/<job>/outputs/artifacts/paths/model, runs:/..., azureml://registries/...',
          };
    const name: Field = { id: 'name', label: 'Model', kind: 'text', value: proposedName(state) };
    const form = makeForm([place, name], isGuarded(state));
    return next(withScreen(dropFromScreen(state, id, 'failure'), id, { mode, form }));
  }

  function review(state: State, subject: ModelSubject): Update {
    const ready = withScreen(dropFromScreen(state, id, 'look', 'failure'), id, { subject });
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
        // What lies there can be read only once it is registered.
        return next(withScreen(ready, id, { mode: 'review' }));
    }
  }

  function submit(state: State): Update {
    const screen = screenOf(state);
    if (!screen.form || (screen.mode !== 'folder' && screen.mode !== 'uri')) return next(state);
    const place = fieldValue(screen.form, 'place');
    const model = fieldValue(screen.form, 'name');
    const problem = nameProblem('model', model);
    if (problem !== undefined)
      return next(withScreen(state, id, { form: flagged(screen.form, 'name', problem) }));
    if (place === '') {
      const sentence = `Type the ${screen.mode === 'folder' ? 'folder' : 'uri'} of the model.`;
      return next(withScreen(state, id, { form: flagged(screen.form, 'place', sentence) }));
    }
    return review(
      state,
      screen.mode === 'folder'
        ? { kind: 'folder', model, folder: place }
        : { kind: 'uri', model, uri: place },
    );
  }

  /** A version known to exist is only chosen; anything else is registered first. */
  function use(state: State): Update {
    const { subject } = screenOf(state);
    if (!subject) return next(state);
    if (subject.kind === 'version') {
      const choice: Choice = { [choiceKey]: { name: subject.model, version: subject.version } };
      return next(state, { do: 'record', choice });
    }
    return work(
      state,
      { do: 'nextVersion', model: subject.model },
      { title: `Finding the next version of ${subject.model}`, writes: false },
    );
  }

  /** A deployment that someone made beside blue becomes green as it is. */
  function adopt(state: State, name: string): Update {
    const opened = state.session?.opened;
    const deployment = opened?.snapshot.deployments.find((each) => each.name === name);
    const model = deployment && modelOf(deployment.model);
    const { blue } = opened?.roles ?? {};
    return next(state, {
      do: 'record',
      choice: { roles: { ...(blue && { blue }), green: name }, ...(model && { newModel: model }) },
    });
  }

  function registration(screen: ModelScreen, version: string): RegisterModel | undefined {
    const { subject, look } = screen;
    if (!subject || subject.kind === 'version') return undefined;
    return {
      kind: 'registerModel',
      model: subject.model,
      version,
      ...(subject.kind === 'folder'
        ? { folder: look?.folder ?? subject.folder }
        : { uri: subject.uri }),
      ...(look && { flavors: look.flavorData }),
    };
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

  /** Why Enter does not take this model, before a deployment is paid for. */
  function standsInTheWay({ look, liveLook }: ModelScreen): string | undefined {
    if (look?.findings.some((finding) => finding.level === 'error')) {
      return 'An error stands in the findings: mend it and look again, or press o.';
    }
    return look && liveLook && diffSignatures(liveLook.signature, look.signature).breaks
      ? 'Callers of the live model would fail on this one: take another, or press o.'
      : undefined;
  }

  return {
    id,
    title,
    enter: (state) => {
      const started = withScreen(state, id, { mode: 'list' });
      const live = id === 'new-model' ? blueModelOf(state) : undefined;
      const fresh = !isGuarded(state) && !isBehind(state);
      const ready = fresh ? openForm(started, 'folder').state : started;
      return next(
        ready,
        { do: 'listModels' },
        ...(live
          ? [{ do: 'lookAtVersion' as const, model: live.name, version: live.version }]
          : []),
      );
    },
    form: (state) => {
      const { form, mode, failure } = screenOf(state);
      return form && !failure && (mode === 'folder' || mode === 'uri')
        ? {
            form,
            action: mode === 'folder' ? 'Look at it, then register' : 'Register',
            short: 'look at it',
          }
        : undefined;
    },
    setForm: (state, form) => next(withScreen(state, id, { form })),
    submit,
    preview: (state) => {
      const change = registration(screenOf(state), 'NEXT');
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
          { keys: ['enter'], label: 'look at it' },
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
            label: screen.subject?.kind === 'version' ? 'use it' : 'register',
            ...(blocked !== undefined && { disabledBecause: blocked }),
            run: use,
          },
          {
            keys: ['o'],
            label: 'use it anyway',
            helpOnly: blocked === undefined,
            ...(blocked === undefined && { disabledBecause: 'There is no error to pass over.' }),
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
      if (screen.mode === 'review' && screen.subject && screen.subject.kind !== 'version') {
        return next(withScreen(state, id, { mode: screen.subject.kind }));
      }
      // Where nothing is registered yet, the form is the step's top.
      if (screen.mode !== 'review' && screen.models?.length === 0) return undefined;
      return next(withScreen(dropFromScreen(state, id, 'failure'), id, { mode: 'list' }));
    },
    answered: (state, event) => {
      const screen = screenOf(state);
      switch (event.do) {
        case 'listModels':
          return next(withScreen(state, id, { models: event.answer }));
        case 'lookAtFolder':
          return next(withScreen(state, id, { mode: 'review', look: event.answer }));
        case 'lookAtVersion': {
          // The first look is at the live model, to compare with.
          if (!screen.subject) return next(withScreen(state, id, { liveLook: event.answer }));
          return next(withScreen(state, id, { mode: 'review', look: event.answer }));
        }
        case 'nextVersion':
          return register(state, event.answer.version);
        case 'record':
        case 'run':
          return next(forward(state));
        default:
          return next(state);
      }
    },
    failed: (state, event) => {
      if (event.do === 'lookAtVersion' && !screenOf(state).subject) return next(state);
      if (event.do === 'lookAtFolder' && screenOf(state).form) {
        const form = flagged(screenOf(state).form!, 'place', event.failed.failure.message);
        return next(withScreen(state, id, { form }));
      }
      return undefined;
    },
  };
}

export const blueModel = makeStep('blue-model', 'model', 'blueModel');
export const newModel = makeStep('new-model', 'new model', 'newModel');
