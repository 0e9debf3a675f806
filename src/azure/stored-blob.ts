/** One file in a datastore, read as it is needed. */
import { basename } from 'node:path';
import type { ContainerClient } from '@azure/storage-blob';
import { abortError, type Clock } from '../common/clock.js';
import type { StoredFile } from '../common/stored-file.js';
import { AzureError, toFailure } from './errors.js';
import { abortOption, doing } from './scope.js';
import { retryStorage, retryStream } from './storage-retry.js';

/** Where files are read, and what for. */
export interface BlobSource {
  container: ContainerClient;
  clock: Clock;
  what: string;
}

/** With an `etag` a file that is replaced meanwhile is refused; without, one that grows is read so far. */
export function storedBlob(
  { container, clock, what }: BlobSource,
  path: string,
  bytes: number,
  etag: string | undefined,
): StoredFile {
  const blob = container.getBlobClient(path);
  const conditions = etag === undefined ? {} : { ifMatch: etag };
  async function* open(signal?: AbortSignal): AsyncGenerator<Buffer> {
    const options = { maxRetryRequests: 5, conditions, ...abortOption(signal) };
    let at = 0;
    async function* rest(): AsyncGenerator<Buffer> {
      if (at >= bytes) return;
      const { readableStreamBody } = await blob.download(at, bytes - at, options);
      for await (const piece of (readableStreamBody ?? []) as AsyncIterable<Buffer>) {
        at += piece.length;
        yield piece;
      }
    }
    try {
      yield* retryStream(rest, { clock, signal });
    } catch (error) {
      if (signal?.aborted) throw abortError(signal);
      throw new AzureError(toFailure(error, what), { cause: error });
    }
  }
  return {
    name: basename(path),
    path,
    bytes,
    ...(etag !== undefined && { etag }),
    open,
    slice: (start, end) =>
      doing(what, async () => {
        const read = await retryStorage(
          () => blob.downloadToBuffer(start, end - start, { conditions }),
          { clock },
        );
        return new Uint8Array(read).buffer;
      }),
  };
}
