/** Sends files to blob storage side by side, and says how far it has come. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ContainerClient } from '@azure/storage-blob';
import pLimit from 'p-limit';
import { abortError } from '../common/clock.js';
import { readLocal, type UploadFile } from './upload-list.js';
import type { UploadProgress } from './types.js';

const PARALLEL = 8;
const SINGLE_PUT_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 8 * 1024 * 1024;

/** Sends the files side by side to `path`; `overwrite` where a broken-off upload left some. */
export async function sendAll(
  container: ContainerClient,
  path: string,
  overwrite: boolean,
  files: UploadFile[],
  onProgress: ((progress: UploadProgress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sent = new Map<string, number>();
  let sentBytes = 0;
  let sentFiles = 0;
  const totals = { totalBytes: sum(files), totalFiles: files.length };
  const report = (): void =>
    onProgress?.({
      ...totals,
      sentBytes: Math.min(totals.totalBytes, sentBytes),
      sentFiles,
    });
  const count = (file: UploadFile, bytes: number): void => {
    sentBytes += bytes - (sent.get(file.remote) ?? 0);
    sent.set(file.remote, bytes);
    report();
  };
  report();
  // The first failure stops the others.
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const limit = pLimit(PARALLEL);
  const one = async (file: UploadFile): Promise<void> => {
    if (either.aborted) throw abortError(either);
    try {
      await send(container, `${path}/${file.remote}`, file, overwrite, either, (bytes) =>
        count(file, bytes),
      );
    } catch (error) {
      stop.abort();
      throw error;
    }
    sentFiles++;
    count(file, file.bytes);
  };
  const results = await Promise.allSettled(files.map((file) => limit(one, file)));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) {
    throw failures.find((error) => (error as Error).name !== 'AbortError') ?? failures[0];
  }
}

async function send(
  container: ContainerClient,
  name: string,
  file: UploadFile,
  overwrite: boolean,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const blob = container.getBlockBlobClient(name);
  const options = {
    abortSignal: signal,
    // Another client may be uploading the same content: the first one wins.
    ...(!overwrite && { conditions: { ifNoneMatch: '*' } }),
    onProgress: ({ loadedBytes }: { loadedBytes: number }) => onBytes(loadedBytes),
  };
  const blobHTTPHeaders = { blobContentType: 'application/octet-stream' };
  try {
    if (file.bytes <= SINGLE_PUT_BYTES) {
      const content = await readLocal(`upload ${file.remote}`, () => readFile(file.local));
      const md5 = createHash('md5').update(content).digest();
      await blob.upload(content, content.length, {
        ...options,
        blobHTTPHeaders: { ...blobHTTPHeaders, ...(content.length > 0 && { blobContentMD5: md5 }) },
      });
    } else {
      await blob.uploadStream(createReadStream(file.local), BLOCK_BYTES, 4, {
        ...options,
        blobHTTPHeaders,
      });
    }
  } catch (error) {
    // Content-addressed: what is there under this name is the same file.
    const there = (error as { code?: string }).code === 'BlobAlreadyExists';
    if (!there) throw error;
  }
}

export function sum(files: UploadFile[]): number {
  return files.reduce((all, file) => all + file.bytes, 0);
}
