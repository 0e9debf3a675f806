/** Holds the state, runs the reducer, hands its commands on. React reads it by useSyncExternalStore. */
import type { Command } from './effects/index.js';
import type { WizardEvent } from './events.js';
import { reduce } from './reducer.js';
import type { State } from './state.js';

export interface Issued {
  run: number;
  command: Command;
}

export class Store {
  #state: State;
  readonly #listeners = new Set<() => void>();
  #onIssued: (issued: Issued) => void = () => {};
  #onSettled: (state: State, before: State) => void = () => {};

  constructor(
    initial: State,
    private readonly now: () => number = Date.now,
  ) {
    this.#state = initial;
  }

  readonly getState = (): State => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Who carries commands out, and who wants to know of every transition. */
  connect(
    onIssued: (issued: Issued) => void,
    onSettled: (state: State, before: State) => void,
  ): void {
    this.#onIssued = onIssued;
    this.#onSettled = onSettled;
  }

  /** Enters the first step. */
  begin(): void {
    this.dispatch({ type: 'tick', now: this.now() });
  }

  readonly dispatch = (event: WizardEvent): void => {
    const before = this.#state;
    const { state, issued } = reduce({ ...before, now: this.now() }, event);
    this.#state = state;
    this.#onSettled(state, before);
    for (const listener of this.#listeners) listener();
    for (const each of issued) this.#onIssued(each);
  };
}
