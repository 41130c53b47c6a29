/** Deadlines that the program sets for a part of itself: `watch(fn, { thresholdMs, name })`. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Clock, type Memory } from '../../shared/memory/memory.js';
import type { Scope } from '../../shared/messages/messages.js';
import { onSettled } from '../host/settled.js';

/** A scope, as its async context carries it on: it may outlive the function that it was for. */
interface Entered {
  /** Whose threshold may change. */
  readonly scope: Scope;
  over: boolean;
  /** Whether what it leaves behind is still known by its name. */
  readonly lasting: boolean;
  readonly outer: Entered | undefined;
}

/** Keeps the scopes under way, and the strictest of their thresholds in shared memory. */
export class Scopes {
  readonly #clocks: Float64Array;
  readonly #active = new Set<Entered>();
  /** Those whose function is on the stack, outermost first. */
  readonly #running: Entered[] = [];
  /** Only while there are scopes: before Node 24 it makes every promise dearer. */
  #store: AsyncLocalStorage<Entered> | undefined;
  /** Whether there was one that lasts, whose context must not be dropped. */
  #keepsStore = false;

  constructor({ clocks }: Memory) {
    this.#clocks = clocks;
  }

  /** @param lasting whether callbacks that outlive the function are still said to be of this scope */
  run<T>(fn: () => T, scope: Scope, lasting = false): T {
    this.#keepsStore ||= lasting;
    this.#store ??= new AsyncLocalStorage();
    const store = this.#store;
    const entered: Entered = { scope, lasting, over: false, outer: store.getStore() };
    this.#active.add(entered);
    this.#publish();
    this.#running.push(entered);
    try {
      return onSettled(
        () => store.run(entered, fn),
        () => this.#leave(entered),
      );
    } finally {
      this.#running.pop();
    }
  }

  /**
   * The innermost scope that the caller runs in. A native call that was the last statement of its
   * function is first seen when the async context is gone again, and we are still on the stack.
   */
  current(): Scope | null {
    let entered = this.#running.at(-1) ?? this.#store?.getStore();
    while (entered?.over === true && !entered.lasting) entered = entered.outer;
    if (entered === undefined) return null;
    const { name, thresholdMs } = entered.scope;
    return { name, thresholdMs };
  }

  /** The threshold of a scope under way has changed. */
  changed(): void {
    this.#publish();
  }

  #leave(entered: Entered): void {
    entered.over = true;
    this.#active.delete(entered);
    this.#publish();
    if (this.#active.size > 0 || this.#keepsStore) return;
    this.#store?.disable();
    this.#store = undefined;
  }

  #publish(): void {
    let strictest = 0;
    for (const { scope } of this.#active) {
      const { thresholdMs } = scope;
      if (strictest === 0 || thresholdMs < strictest) strictest = thresholdMs;
    }
    this.#clocks[Clock.scopedThresholdMs] = strictest;
  }
}
