/** Requests that wait until they are released by name, so that a test acts at a known moment. */

export class Holds {
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Resolves when `name` is released. */
  wait(name: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]);
    });
  }

  /** How many requests wait, by name. */
  list(): Record<string, number> {
    return Object.fromEntries([...this.#waiting].map(([name, all]) => [name, all.length]));
  }

  release(name: string): void {
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    for (const resolve of waiting) resolve();
  }

  releaseAll(): void {
    for (const name of [...this.#waiting.keys()]) this.release(name);
  }
}
