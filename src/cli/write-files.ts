/** Writes exported files, and says where each is. */
import { join } from 'node:path';
import type { ExportedFile } from '../interop/export.js';
import { writeExported } from '../interop/write-outputs.js';
import type { Run } from './command-run.js';
import { CommandError } from './errors.js';
import { CODE } from './exit-codes.js';

/** @throws CommandError that names the file which can't be written */
export async function writeFiles(
  files: readonly ExportedFile[],
  dir: string,
  { out }: Run,
): Promise<void> {
  for (const file of files) {
    const path = join(dir, file.name);
    try {
      await writeExported(path, file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const sentence = `${path} can't be written (${code ?? 'unknown error'}). Name another folder with --dir.`;
      throw new CommandError(sentence, CODE.attention);
    }
    out.say(`${file.what.padEnd(16)}  ${path}`);
    out.event({ event: 'written', what: file.what, path });
  }
}
