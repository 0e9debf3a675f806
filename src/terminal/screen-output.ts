/**
 * The stdout that Ink is given. When the window gets lower than the last frame, Ink clears with
 * `ESC[3J`, which wipes what the person had in the scrollback before we came: that part is left out.
 */
export function screenOutput(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const kept = typeof chunk === 'string' ? chunk.replaceAll('\x1b[3J', '') : chunk;
    return (stdout.write as (...all: unknown[]) => boolean).call(stdout, kept, ...rest);
  };
  return new Proxy(stdout, {
    get(target, name) {
      if (name === 'write') return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
