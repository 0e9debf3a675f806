/** More than this many lines are not kept. */
const LIMIT = 200;

/**
 * Keeps what others write to stderr (Node's warnings, a library's `console.error`) off a drawn
 * screen. Returns the function that lets go and writes what was held.
 */
export function holdStderr(stderr: NodeJS.WriteStream): () => void {
  // Sent to a file, stderr disturbs nothing.
  if (!stderr.isTTY) return () => {};
  const held: (string | Uint8Array)[] = [];
  const write = stderr.write;
  stderr.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (held.length < LIMIT) held.push(chunk);
    const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
    if (done) queueMicrotask(done);
    return true;
  };
  return () => {
    stderr.write = write;
    for (const chunk of held.splice(0)) stderr.write(chunk);
  };
}
