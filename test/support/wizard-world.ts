/** Plain answers to what the wizard asks, as an uneventful workspace would give them. */
import type {
  Answer,
  Command,
  CommandName,
  Opened,
  WizardEvent,
} from '../../src/wizard/commands.js';
import type { Change } from '../../src/rollout/changes/change.js';
import { planLoad } from '../../src/rollout/evidence/load-check.js';
import { normalise } from '../../src/rollout/split.js';
import type { State } from '../../src/wizard/state.js';
import { endpoint, snapshot, WORKSPACE } from '../unit/rollout/fixtures.js';
import {
  done,
  journal,
  LOOK,
  openedOf,
  PROD,
  rolloutOpened,
  sample,
  START,
  tested,
} from './wizard-states.js';

/** What really alters the workspace; reading, choosing and waiting do not. */
export const WRITES: ReadonlySet<CommandName> = new Set(['run', 'undo', 'abort']);

function after(opened: Opened, change: Change): Opened {
  const { endpoint: now } = opened.snapshot;
  if (change.kind !== 'setTraffic' || !now) return opened;
  const record = done(opened.journal.changes.length + 1, change, now.traffic);
  return openedOf(
    { ...opened.snapshot, endpoint: { ...now, traffic: normalise(change.to) } },
    {
      ...opened.journal,
      changes: [...opened.journal.changes, record],
      splitAtStart: opened.journal.splitAtStart ?? now.traffic,
      undo: change.why === 'advance' ? [...opened.journal.undo, now.traffic] : [],
    },
  );
}

export function answerTo(command: Command, state: State): Answer<CommandName> {
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
    case 'abort':
    case 'undo': {
      const to = command.do === 'undo' ? command.to : (opened.journal.splitAtStart ?? {});
      const why = command.do;
      return after(opened, { kind: 'setTraffic', endpoint: opened.endpoint, from: {}, to, why });
    }
    case 'watch':
      return null;
    case 'bake':
      return { hits: 0, minutes: 0 };
    case 'listModels':
      return Object.entries(opened.snapshot.models).map(([name, versions]) => ({ name, versions }));
    case 'listJobModels':
      return [{ job: 'j1', uri: 'azureml://jobs/j1/outputs/artifacts/paths/model' }];
    case 'lookAtUri':
      return { look: LOOK };
    case 'lookAtFolder':
    case 'lookAtVersion':
      return LOOK;
    case 'nextVersion':
      return { model: command.model, version: '9' };
    case 'listSizes':
      return {
        sizes: [{ name: 'Standard_DS3_v2', family: 'dsv2', vCpus: 4, memoryGb: 14 }],
        usages: [{ family: 'dsv2', used: 4, limit: 100 }],
      };
    case 'sample':
      return sample();
    case 'invoke':
    case 'replay': {
      const sent = tested();
      const tests = [
        ...opened.journal.tests,
        {
          at: START.rollouts[0]!.lastAt,
          result: {
            ...sent.result,
            purpose: command.do === 'replay' ? ('prove' as const) : ('test' as const),
          },
        },
      ];
      return { tested: sent, opened: openedOf(opened.snapshot, { ...opened.journal, tests }) };
    }
    case 'probe':
      return {
        probes: {
          served: { default: 90, 'xgboost-model-2': 10 },
          sent: 100,
          failed: 0,
          configured: opened.snapshot.endpoint?.traffic ?? {},
        },
        opened,
      };
    case 'planLoad':
      return { peak: 120, load: planLoad(120, command.share) };
    case 'loadCheck':
      return { text: '6 of 6 requests', verdicts: [], decision: { do: 'promote' }, opened };
    case 'watchMirror':
      return { verdicts: [], decision: 'promote', requests: 5, opened };
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
  }
}

export const answered = (run: number, command: Command, state: State): WizardEvent =>
  ({ type: 'answered', run, do: command.do, answer: answerTo(command, state) }) as WizardEvent;
