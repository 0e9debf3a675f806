/** All steps by id. A new step is one file and one line here. */
import type { StepId } from '../../rollout/steps.js';
import type { Step } from '../step.js';
import { blue, green } from './deployment.js';
import { endpoint } from './endpoint.js';
import { blueModel, newModel } from './model.js';
import { prove } from './prove.js';
import { report } from './report.js';
import { retire } from './retire.js';
import { test } from './test.js';
import { traffic } from './traffic.js';
import { workspace } from './workspace.js';

const MODULES: Record<StepId, Step> = {
  workspace,
  endpoint,
  'blue-model': blueModel,
  blue,
  test,
  'new-model': newModel,
  green,
  prove,
  traffic,
  retire,
  report,
};

export const stepModule = (id: StepId): Step => MODULES[id];
