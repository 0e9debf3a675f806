import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { render, useInput } from 'ink';
import Select from 'ink-select-input';
import { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KeyStdin, type KeySource } from '../../../src/terminal/key-stdin.js';
import { patience } from '../../support/patience.js';

const LABELS = ['a', 'b', 'c', 'd', 'e'];
const unmounts: (() => void)[] = [];

afterEach(() => {
  for (const unmount of unmounts.splice(0)) unmount();
});

class FakeTerminal extends PassThrough implements KeySource {
  isTTY = true;
  raw = false;
  setRawMode(on: boolean): this {
    this.raw = on;
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function List(props: { onChoose: (label: string) => void }): React.ReactElement {
  const [screen, setScreen] = useState(0);
  // As in the product: without a listener at the root, a changing screen leaves raw mode.
  useInput(() => {});
  return (
    <Select
      key={screen}
      items={LABELS.map((label) => ({ label, value: label }))}
      onSelect={({ value }) => {
        props.onChoose(`${screen}${value}`);
        setScreen(screen + 1);
      }}
    />
  );
}

/** Draws a list anew after each choice; `chosen` tells the how-manieth list and the item. */
function start(onChoose: (keys: KeyStdin) => void = () => {}): {
  terminal: FakeTerminal;
  keys: KeyStdin;
  chosen: string[];
} {
  const terminal = new FakeTerminal();
  const keys = new KeyStdin(terminal);
  const chosen: string[] = [];
  const stdout = Object.assign(new PassThrough(), { columns: 80, rows: 24 }).resume();
  const app = render(
    <List
      onChoose={(label) => {
        chosen.push(label);
        onChoose(keys);
      }}
    />,
    {
      stdin: keys.asStdin(),
      stdout: stdout as unknown as NodeJS.WriteStream,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  unmounts.push(app.unmount);
  return { terminal, keys, chosen };
}

async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + patience(5_000);
  while (!isDone()) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What a person who sees every key's effect would have chosen. */
function expected(burst: readonly string[]): string[] {
  const chosen: string[] = [];
  let at = 0;
  for (const key of burst) {
    if (key === '\r') {
      chosen.push(`${chosen.length}${LABELS[at]}`);
      at = 0;
    } else {
      const step = key === '\x1b[B' || key === 'j' ? 1 : LABELS.length - 1;
      at = (at + step) % LABELS.length;
    }
  }
  return chosen;
}

const moves = fc.array(fc.constantFrom('\x1b[A', '\x1b[B', 'j', 'k', '\r'), { maxLength: 10 });

describe('KeyStdin before an ink-select-input', () => {
  it('never chooses another item than the keys say, however they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moves, { minLength: 1, maxLength: 3 }), async (bursts) => {
        const { terminal, chosen } = start();
        await until(() => terminal.raw);
        const all = [...bursts, ['\r']];
        for (const burst of all) terminal.write(burst.join(''));
        const wanted = expected(all.flat());
        await until(() => chosen.length >= wanted.length);
        expect(chosen).toEqual(wanted);
        unmounts.pop()?.();
      }),
      { numRuns: 60 },
    );
  });

  it('would choose another item without it', async () => {
    const terminal = new FakeTerminal();
    const chosen: string[] = [];
    const stdout = Object.assign(new PassThrough(), { columns: 80, rows: 24 }).resume();
    const app = render(<List onChoose={(label) => void chosen.push(label)} />, {
      stdin: terminal as unknown as NodeJS.ReadStream,
      stdout: stdout as unknown as NodeJS.WriteStream,
      patchConsole: false,
    });
    unmounts.push(app.unmount);
    await until(() => terminal.raw);
    terminal.write('\x1b[B\r');
    await until(() => chosen.length > 0);
    expect(chosen).toEqual(['0a']);
  });

  it('keeps keys while they are held, and hands them out in order afterwards', async () => {
    const { terminal, keys, chosen } = start();
    keys.hold();
    await until(() => terminal.raw);
    terminal.write('\x1b[B\r');
    await until(() => keys.waiting === 2);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
    expect(chosen).toEqual([]);
    keys.release();
    await until(() => chosen.length > 0);
    expect(chosen).toEqual(['0b']);
  });

  it('drops what was typed ahead when the screen changes', async () => {
    const { terminal, keys, chosen } = start((stdin) => stdin.flush());
    await until(() => terminal.raw);
    terminal.write('\x1b[B\r\r\r');
    await until(() => chosen.length > 0 && keys.waiting === 0);
    terminal.write('\x1b[A\r');
    await until(() => chosen.length > 1);
    expect(chosen).toEqual(['0b', '1e']);
  });

  it('lets Ctrl-C overtake the keys that wait', async () => {
    const { terminal, keys, chosen } = start();
    await until(() => terminal.raw);
    terminal.write('jj\r\r\r\x03');
    await until(() => keys.lastKey?.text === '\x03');
    expect(chosen).toEqual([]);
    expect(keys.waiting).toBe(0);
  });

  it('waits 50 ms for the rest of an arrow key before it tells a lone Esc', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { terminal, keys } = start();
      await until(() => terminal.raw);
      terminal.write('\x1b');
      await until(() => terminal.readableLength === 0);
      vi.advanceTimersByTime(49);
      expect(keys.lastKey).toBeUndefined();
      terminal.write('[B');
      await until(() => keys.lastKey !== undefined);
      expect(keys.lastKey).toEqual({ text: '\x1b[B', pasted: false });
      terminal.write('\x1b');
      await until(() => vi.getTimerCount() > 0);
      vi.advanceTimersByTime(50);
      await until(() => keys.lastKey?.text === '\x1b');
    } finally {
      vi.useRealTimers();
    }
  });

  it('goes on after raw mode was left and taken up again', async () => {
    const terminal = new FakeTerminal();
    const keys = new KeyStdin(terminal);
    const read: (string | null)[] = [];
    keys.on('readable', () => read.push(keys.read()));
    for (const text of ['a', 'b', 'c']) {
      keys.setRawMode(true);
      terminal.write(text);
      await until(() => read.at(-1) === text);
      keys.setRawMode(false);
    }
    expect(read).toEqual(['a', 'b', 'c']);
  });
});
