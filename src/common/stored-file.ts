/** A file, wherever it lies, that is read as it is needed: on this machine, or in a datastore. */
export interface StoredFile {
  /** Without its folders. */
  name: string;
  /** On its disk, or in its container. */
  path: string;
  bytes: number;
  /** Changes with its content; absent for a local file, and for one that still grows. */
  etag?: string;
  /** Front to back. A piece is only lent: it is overwritten when the one after the next is asked for. */
  open(signal?: AbortSignal): AsyncIterable<Buffer>;
  /** For Parquet, which is read from its end. */
  slice(start: number, end: number): Promise<ArrayBuffer>;
}
