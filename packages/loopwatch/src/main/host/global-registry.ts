/**
 * The one place on globalThis that all copies of loopwatch in a process share, so that a preload,
 * an import and a second installed version end up with one watchdog.
 */
import { LoopwatchError } from '../../shared/errors.js';

interface GlobalRegistry {
  readonly protocol: number;
  /** See api.ts. */
  readonly api: unknown;
  /** The watchdog's way in; set while a watch is on. */
  snapshot?: () => void;
  /** What an inspector session is being asked about, for as long as it takes. */
  asked?: unknown;
}

/** Raised when the API changes in a way that an older copy could not follow. */
const PROTOCOL = 1;

const KEY = Symbol.for('loopwatch');

type Global = { [KEY]?: GlobalRegistry };

/**
 * The API of the first copy that got here.
 *
 * @param create makes it when there is none
 * @throws LoopwatchError `LOOPWATCH_E_VERSION` when that copy speaks another protocol
 */
export function registered<A>(create: () => A): A {
  const existing = (globalThis as Global)[KEY];
  if (existing === undefined) {
    const api = create();
    // Not enumerable: programs that list their globals must not meet it.
    const value: GlobalRegistry = { protocol: PROTOCOL, api };
    Object.defineProperty(globalThis, KEY, { value, configurable: true });
    return api;
  }
  if (existing.protocol !== PROTOCOL) {
    throw new LoopwatchError(
      'LOOPWATCH_E_VERSION',
      `another copy of loopwatch (protocol ${existing.protocol}, this one ${PROTOCOL}) watches this process already`,
    );
  }
  return existing.api as A;
}

/** The API that is there, if any copy has got here that speaks our protocol. */
export function found<A>(): A | null {
  const existing = (globalThis as Global)[KEY];
  return existing?.protocol === PROTOCOL ? (existing.api as A) : null;
}

/**
 * Puts something where an inspector's expression finds it.
 *
 * @returns a function that takes it away again
 */
export function expose<K extends 'snapshot' | 'asked'>(
  name: K,
  value: GlobalRegistry[K],
): () => void {
  const registry = (globalThis as Global)[KEY];
  if (registry === undefined) return () => {};
  registry[name] = value;
  return () => {
    if (registry[name] === value) delete registry[name];
  };
}
