/** What is evaluated in a process to put a watch into it, and to take it away again. */
import { fileURLToPath } from 'node:url';
import { CAPTURE_SOURCE } from '../../main/stack/call-sites.js';
import { literal } from './options.js';

/** The package's entry; this file is bundled into dist/cli/main.js. */
const ENTRY = fileURLToPath(new URL('../index.js', import.meta.url));

/** What an attach answers. */
export interface Attached {
  /** Null when it worked. */
  readonly error: string | null;
  /** Whether a watch was on already, whose options were changed. */
  readonly wasWatched: boolean;
}

/** What a detach answers, when the loop has turned. */
export interface Detached {
  readonly error: string | null;
  readonly wasWatched: boolean;
}

interface GlobalRegistry {
  readonly snapshot?: unknown;
  readonly api: { stop(): Promise<void> };
  /** Set by an attach: nothing else of the program has loaded loopwatch. */
  attached?: boolean;
}

type Global = Record<symbol, GlobalRegistry | undefined>;

// Both are sent as their text, and name nothing of this module.

function attach(entry: string, options: object): Attached {
  const global = globalThis as unknown as Global;
  const key = Symbol.for('loopwatch');
  const before = global[key];
  const wasWatched = before?.snapshot !== undefined;
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    // Who attaches wants to see what blocks now, and be it the program's start.
    const startup = wasWatched ? {} : { startup: 'report' };
    createRequire(entry)(entry).start({ ...startup, ...options });
    const registry = global[key];
    if (before === undefined && registry !== undefined) registry.attached = true;
    return { error: null, wasWatched };
  } catch (error) {
    return { error: (error as Error)?.message ?? String(error), wasWatched };
  }
}

async function detach(): Promise<Detached> {
  const global = globalThis as unknown as Global;
  const key = Symbol.for('loopwatch');
  const registry = global[key];
  const wasWatched = registry?.snapshot !== undefined;
  try {
    await registry?.api.stop();
    if (registry?.attached) delete global[key];
    return { error: null, wasWatched };
  } catch (error) {
    return { error: (error as Error)?.message ?? String(error), wasWatched };
  }
}

export function attachExpression(options: object): string {
  const call = `(${attach})(${JSON.stringify(ENTRY)}, ${literal(options)})`;
  return `${call}\n//# sourceURL=${CAPTURE_SOURCE}`;
}

export const DETACH = `(${detach})()\n//# sourceURL=${CAPTURE_SOURCE}`;

/** The release of Node, and whether it can `require` what loopwatch is. */
export const ABLE = `({ node: process.version, able: process.features.require_module === true })
//# sourceURL=${CAPTURE_SOURCE}`;
