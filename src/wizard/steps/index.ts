/** All steps, in their order. A new step is one file and one line here. */
import type { Step, StepId } from '../step.js';
import { blueStep, greenStep } from './deployment.js';
import { endpointStep } from './endpoint.js';
import { blueModelStep, newModelStep } from './model.js';
import { proveStep } from './prove.js';
import { reportStep } from './report.js';
import { retireStep } from './retire.js';
import { testStep } from './test.js';
import { trafficStep } from './traffic.js';
import { workspaceStep } from './workspace.js';

const MODULES: Record<StepId, Step> = {
  workspace: workspaceStep,
  endpoint: endpointStep,
  'blue-model': blueModelStep,
  blue: blueStep,
  test: testStep,
  'new-model': newModelStep,
  green: greenStep,
  prove: proveStep,
  traffic: trafficStep,
  retire: retireStep,
  report: reportStep,
};

export const STEPS: readonly Step[] = Object.values(MODULES);

export const stepModule = (id: StepId): Step => MODULES[id];
