// From a folder to a registered model, beside azure-ai-ml: one large file, and many small ones.
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byClient, inFolder, median, pythonWith, ratio, resultOfProgram, root } from './runner.mjs';

export const title = 'upload';

const MEGABYTE = 2 ** 20;

/** A model folder of so many files, which together are so large. */
async function modelFolder(folder, files, megabytes) {
  await mkdir(join(folder, 'data'), { recursive: true });
  const size = Math.floor((megabytes * MEGABYTE) / files);
  const block = randomBytes(Math.min(size, 64 * MEGABYTE));
  for (let count = 0; count < files; count += 1) {
    const path = join(folder, 'data', `${count}.bin`);
    for (let written = 0; written < size; written += block.length) {
      // No two files are alike.
      block.writeUInt32LE(count + written, 0);
      await writeFile(path, block, { flag: 'a' });
    }
  }
  await copyFile(join(root, 'samples/heart-classifier/v1/MLmodel'), join(folder, 'MLmodel'));
}

export const measure = ({ quick }) =>
  inFolder(async (folder) => {
    const python = pythonWith('azure.ai.ml');
    const [megabytes, many] = quick ? [128, 500] : [1024, 5_000];
    const rows = [];
    for (const files of [1, many]) {
      const model = join(folder, `of-${files}`);
      await modelFolder(model, files, megabytes);
      const what = `upload of ${megabytes} MB in ${files === 1 ? '1 file' : `${files} files`} / azure-ai-ml`;
      const ours = [];
      const theirs = [];
      for (let round = 0; round < (quick ? 1 : 3) && python; round += 1) {
        ours.push((await resultOfProgram('upload-ours.ts', model)).seconds);
        theirs.push(byClient(python, 'upload', model).seconds);
      }
      await rm(model, { recursive: true });
      rows.push({
        what,
        goal: '≤ 1.0',
        ...(python === undefined
          ? { notMeasured: 'no Python with azure-ai-ml: npm run conformance makes one' }
          : {
              ...ratio(ours, theirs),
              detail: `${median(ours).toFixed(1)} / ${median(theirs).toFixed(1)} s`,
            }),
      });
    }
    return rows;
  });
