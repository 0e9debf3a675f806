/** Report and scripts of the open rollout, in its folder. */
import { writeOutputs, type OutputFile } from '../../interop/write-outputs.js';
import { rolloutOf, type World } from './world.js';

/** Resolves with what was written, the report first. */
export function writeReportFiles(world: World): Promise<OutputFile[]> {
  const { engine, outputs } = rolloutOf(world);
  const { snapshot, view } = engine;
  if (!snapshot) throw new Error('The endpoint has not been read yet.');
  return writeOutputs(snapshot, view, { program: world.program, dir: outputs });
}
