/** What a Python pickle holds, as plain data. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Pickled[]
  | PickledDict
  | PickledGlobal
  | PickledObject;

/** Keys and values in turn, as they were set. */
export class PickledDict {
  readonly entries: Pickled[] = [];

  get(key: string): Pickled | undefined {
    const { entries } = this;
    for (let at = entries.length - 2; at >= 0; at -= 2) {
      if (entries[at] === key) return entries[at + 1];
    }
    return undefined;
  }
}

export class PickledGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}
}

/** What a call of `of` with `args` would make. */
export class PickledObject {
  /** Each state that it would be given, in order. */
  readonly states: Pickled[] = [];

  constructor(
    readonly of: Pickled,
    readonly args: Pickled,
  ) {}

  /** An attribute, where its state is a dict or a pair of dicts. */
  attribute(name: string): Pickled | undefined {
    for (const state of [...this.states].reverse()) {
      for (const part of Array.isArray(state) ? state : [state]) {
        const found = part instanceof PickledDict ? part.get(name) : undefined;
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}
