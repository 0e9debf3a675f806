/** A model that is in Azure: its MLmodel, and the classes that its files name. */
import type { Workspace } from '../azure/types.js';
import { bytesInMemory, type OpenFile } from '../sampling/file-bytes.js';
import { parseMlmodel, type MlModel } from '../sampling/mlmodel.js';
import { withClasses } from '../sampling/model-classes.js';

export type ModelReader = Pick<Workspace, 'readModelFile' | 'readModelBytes'>;

interface StoredModel {
  model: MlModel;
  /** Its other files, as far as they are small. */
  open: OpenFile;
}

/** Larger files are not fetched to look into them: it would take minutes on a slow line. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * `undefined`: it has no MLmodel, or its place is out of this workspace's reach.
 * @param shown its name, for a person
 */
export async function readStoredModel(
  workspace: ModelReader,
  place: { uri: string; name?: string; version?: string },
  shown: string,
  signal: AbortSignal | undefined,
): Promise<StoredModel | undefined> {
  const text = await workspace.readModelFile(place, 'MLmodel', signal);
  if (text === undefined) return undefined;
  const known = new Map<string, Promise<Uint8Array | undefined>>();
  const open: OpenFile = async (path) => {
    // A name that the MLmodel gives, and no other model's file.
    if (path.split(/[\\/]/).includes('..')) return undefined;
    const read = known.get(path) ?? workspace.readModelBytes(place, path, MOST_BYTES, signal);
    known.set(path, read);
    const bytes = await read;
    return bytes && bytesInMemory(bytes);
  };
  return { model: await withClasses(parseMlmodel(text, `${shown}: MLmodel`), open), open };
}
