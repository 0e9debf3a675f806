/** All that the wizard may ask of the world. A new command is a file, or a part of one, and a line here. */
import { completePathCommand } from './complete-path.js';
import { connectCommand, findWorkspacesCommand } from './connect.js';
import { copyCommand, logsCommand } from './files.js';
import {
  listJobModelsCommand,
  listModelsCommand,
  listPricesCommand,
  listSizesCommand,
  lookAtBlueCommand,
  lookAtFolderCommand,
  lookAtUriCommand,
  lookAtVersionCommand,
  nextVersionCommand,
} from './models.js';
import {
  adoptCommand,
  attachmentsCommand,
  bakeCommand,
  performCommand,
  planLoadCommand,
  watchCommand,
} from './perform.js';
import {
  endHoldCommand,
  overrideCommand,
  readPlanCommand,
  savePlanCommand,
  usePlanCommand,
} from './plan.js';
import {
  deleteProfileCommand,
  loadProfileCommand,
  renameProfileCommand,
  saveProfileCommand,
} from './profiles.js';
import {
  observeCommand,
  openEndpointCommand,
  recordCommand,
  runCommand,
  settleCommand,
} from './rollout.js';
import { sampleCommand } from './sample.js';
import { loadStartCommand } from './start.js';
import { writeReportCommand } from './write-report.js';

export const COMMANDS = {
  loadStart: loadStartCommand,
  connect: connectCommand,
  saveProfile: saveProfileCommand,
  renameProfile: renameProfileCommand,
  deleteProfile: deleteProfileCommand,
  loadProfile: loadProfileCommand,
  findWorkspaces: findWorkspacesCommand,
  openEndpoint: openEndpointCommand,
  observe: observeCommand,
  record: recordCommand,
  listModels: listModelsCommand,
  listJobModels: listJobModelsCommand,
  lookAtUri: lookAtUriCommand,
  lookAtFolder: lookAtFolderCommand,
  lookAtBlue: lookAtBlueCommand,
  lookAtVersion: lookAtVersionCommand,
  nextVersion: nextVersionCommand,
  listSizes: listSizesCommand,
  listPrices: listPricesCommand,
  run: runCommand,
  settle: settleCommand,
  perform: performCommand,
  watch: watchCommand,
  adopt: adoptCommand,
  sample: sampleCommand,
  planLoad: planLoadCommand,
  usePlan: usePlanCommand,
  readPlan: readPlanCommand,
  savePlan: savePlanCommand,
  endHold: endHoldCommand,
  bake: bakeCommand,
  attachments: attachmentsCommand,
  override: overrideCommand,
  logs: logsCommand,
  writeReport: writeReportCommand,
  copy: copyCommand,
  completePath: completePathCommand,
};

type Registered = typeof COMMANDS;

export type CommandName = keyof Registered;

/** What is asked, as a plain value. The reducer returns it, and `runner.ts` carries it out. */
export type Command = {
  [K in CommandName]: { do: K } & Parameters<Registered[K]['carryOut']>[0];
}[CommandName];

export type AnswerOf<K extends CommandName> = Awaited<ReturnType<Registered[K]['carryOut']>>;
