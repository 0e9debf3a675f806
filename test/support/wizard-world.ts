/** Plain answers to what the wizard asks, as an uneventful workspace would give them. */
import type { AnswerOf, Command, CommandName } from '../../src/wizard/effects/index.js';
import type { Opened } from '../../src/wizard/effects/world.js';
import type { Performed } from '../../src/wizard/effects/shown.js';
import type { WizardEvent } from '../../src/wizard/events.js';
import { type Split, withoutZeros, shift } from '../../src/common/split.js';
import type { Change, SetTraffic } from '../../src/rollout/changes/change.js';
import type { Move, MoveId } from '../../src/rollout/moves/move.js';
import { writes } from '../../src/rollout/moves/index.js';
import { planLoad } from '../../src/rollout/evidence/load-check.js';
import type { State } from '../../src/wizard/state.js';
import { endpoint, snapshot, WORKSPACE } from '../unit/rollout/fixtures.js';
import {
  done,
  journal,
  LOOK,
  openedOf,
  PROD,
  proofPassed,
  rolloutOpened,
  sample,
  splitSeen,
  START,
  tested,
} from './wizard-states.js';

/** What really alters the workspace; reading, choosing and waiting do not. */
export const alters = (command: Command): boolean =>
  command.do === 'run' || (command.do === 'perform' && writes(command.move));

/** What a command does, a move by its name. */
export const nameOf = (command: Command): CommandName | MoveId =>
  command.do === 'perform' ? command.move.id : command.do;

function after(opened: Opened, change: Change): Opened {
  const { endpoint: now } = opened.snapshot;
  if (change.kind !== 'setTraffic' || !now) return opened;
  const record = done(opened.journal.changes.length + 1, change, now.traffic);
  return openedOf(
    { ...opened.snapshot, endpoint: { ...now, traffic: withoutZeros(change.to) } },
    {
      ...opened.journal,
      changes: [...opened.journal.changes, record],
      splitAtStart: opened.journal.splitAtStart ?? now.traffic,
      undo: change.why === 'advance' ? [...opened.journal.undo, now.traffic] : [],
    },
  );
}

export function answerTo(command: Command, state: State): AnswerOf<CommandName> {
  const opened = state.session?.opened ?? rolloutOpened();
  switch (command.do) {
    case 'loadStart':
      return START;
    case 'connect':
      return { info: WORKSPACE, endpoints: [endpoint({ default: 100 })], warnings: [] };
    case 'saveProfile':
    case 'renameProfile':
      return PROD;
    case 'deleteProfile':
      return null;
    case 'loadProfile':
      return {
        ...START.discovered?.connection,
        name: 'ml',
        prod: false,
        cloud: 'public',
        signIn: 'default',
        subscriptionId: 's',
        resourceGroup: 'r',
        workspaceName: 'w',
      };
    case 'findWorkspaces':
      return [{ subscriptionId: 's', resourceGroup: 'r', name: 'w', location: 'westeurope' }];
    case 'openEndpoint':
      return state.session?.endpoints.some((each) => each.name === command.endpoint)
        ? opened
        : openedOf({ ...snapshot(undefined), endpointName: command.endpoint }, journal());
    case 'record': {
      const choice = { ...opened.journal.choice, ...command.choice };
      const roles = { ...opened.journal.roles, ...command.choice.roles };
      return openedOf(opened.snapshot, { ...opened.journal, choice, roles });
    }
    case 'observe':
    case 'settle':
      return opened;
    case 'run':
      return command.changes.reduce(after, opened);
    case 'perform':
      return performed(command.move, opened);
    case 'watch':
      return { watched: { asks: 'go-on', verdicts: [], requests: 0 }, opened };
    case 'adopt':
      return { ...opened, drift: undefined };
    case 'bake':
      return { hits: 0, minutes: 0 };
    case 'attachments':
      return { found: [], unread: [] };
    case 'listModels':
      return Object.entries(opened.snapshot.models).map(([name, versions]) => ({ name, versions }));
    case 'listJobModels':
      return [{ job: 'j1', uri: 'azureml://jobs/j1/outputs/artifacts/paths/model' }];
    case 'lookAtUri':
      return { look: LOOK };
    case 'lookAtFolder':
    case 'lookAtBlue':
    case 'lookAtVersion':
      return LOOK;
    case 'nextVersion':
      return { model: command.model, version: '9' };
    case 'listSizes':
      return {
        sizes: [{ name: 'Standard_DS3_v2', family: 'dsv2', vCpus: 4, memoryGb: 14 }],
        usages: [{ family: 'dsv2', used: 4, limit: 100 }],
      };
    case 'listPrices':
      return { prices: { Standard_DS3_v2: 0.293 } };
    case 'sample':
      return sample();
    case 'planLoad':
      return { load: planLoad(120, command.weight) };
    case 'override':
      return opened;
    case 'usePlan': {
      const choice = { ...opened.journal.choice, plan: command.plan };
      return openedOf(opened.snapshot, { ...opened.journal, choice });
    }
    case 'endHold': {
      const { do: _, verdicts: __, ...holdEnded } = command;
      const choice = { ...opened.journal.choice, holdEnded };
      return openedOf(opened.snapshot, { ...opened.journal, choice });
    }
    case 'readPlan':
      return {
        plan: { weights: [25, 100], holds: { minutes: 0 } },
        file: { name: 'rollout.yml', sha256: 'f00d' },
      };
    case 'savePlan':
      return { path: '/data/rollout.yml' };
    case 'logs':
      return 'Installing\nListening';
    case 'writeReport':
      return {
        files: [{ what: 'report', path: '/data/report.md' }],
        opened: openedOf(opened.snapshot, {
          ...opened.journal,
          completed: { at: START.rollouts[0]!.lastAt, report: 'report.md' },
        }),
      };
    case 'copy':
      return { said: 'copied' };
    case 'completePath':
      return { field: command.field, typed: command.typed, value: command.typed, names: [] };
  }
}

function performed(move: Move, opened: Opened): Performed {
  const { blue = '', green = '' } = opened.roles;
  const { endpoint: name } = opened;
  const from = opened.snapshot.endpoint?.traffic ?? {};
  const set = (to: Split, why: SetTraffic['why']): Opened =>
    after(opened, { kind: 'setTraffic', endpoint: name, from, to, why });
  switch (move.id) {
    case 'set-traffic':
      return {
        id: move.id,
        shown: null,
        opened: set(shift(from, blue, green, move.weight), 'advance'),
      };
    case 'abort':
      return { id: move.id, shown: null, opened: set(opened.journal.splitAtStart ?? {}, 'abort') };
    case 'undo':
      return { id: move.id, shown: null, opened: set(opened.journal.undo.at(-1) ?? {}, 'undo') };
    case 'test':
    case 'prove': {
      const sent = tested();
      const purpose = move.id;
      const at = START.rollouts[0]!.lastAt;
      const tests = [...opened.journal.tests, { at, line: 1, result: { ...sent.result, purpose } }];
      const judgements =
        move.id === 'prove'
          ? [...opened.journal.judgements, { ...proofPassed(green), at }]
          : opened.journal.judgements;
      return {
        id: move.id,
        shown: sent,
        opened: openedOf(opened.snapshot, { ...opened.journal, tests, judgements }),
      };
    }
    case 'verify-split': {
      const judgements = [...opened.journal.judgements, splitSeen(green, move.weight)];
      return {
        id: move.id,
        shown: {
          served: { default: 90, 'xgboost-model-2': 10 },
          sent: 100,
          failed: 0,
          configured: from,
        },
        opened: openedOf(opened.snapshot, { ...opened.journal, judgements }),
      };
    }
    case 'check-load':
      return {
        id: move.id,
        shown: { text: '6 of 6 requests', verdicts: [], decision: { do: 'promote' } },
        opened,
      };
    case 'run-checks':
      return { id: move.id, shown: [], opened };
    case 'watch-mirror':
      return { id: move.id, shown: { asks: 'go-on', verdicts: [], requests: 5 }, opened };
    case 'retire': {
      const retire = 'scale-to-one' as const;
      const choice = { ...opened.journal.choice, retire };
      return {
        id: move.id,
        shown: null,
        opened: openedOf(opened.snapshot, { ...opened.journal, choice }),
      };
    }
    default:
      return { id: move.id, shown: null, opened };
  }
}

export const answered = (run: number, command: Command, state: State): WizardEvent =>
  ({ type: 'answered', run, do: command.do, answer: answerTo(command, state) }) as WizardEvent;
