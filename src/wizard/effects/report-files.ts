/** Report and scripts of the open rollout, in its folder. */
import { connectionWords, profileWords } from '../../interop/own-command.js';
import { writeOutputs, type OutputFile } from '../../interop/write-outputs.js';
import { rolloutOf, workspaceOf, type World } from './world.js';

/** Resolves with what was written, the report first. */
export function writeReportFiles(world: World): Promise<OutputFile[]> {
  const { engine, outputs } = rolloutOf(world);
  const { snapshot, view } = engine;
  if (!snapshot) throw new Error('The endpoint has not been read yet.');
  const { profile, program } = world;
  const reach = profile?.sandbox
    ? profileWords(profile)
    : connectionWords(workspaceOf(world).connection);
  return writeOutputs(snapshot, view, { program, dir: outputs, reach });
}
