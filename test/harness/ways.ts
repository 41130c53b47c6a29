/** The two ways to choose options, for programs that are to behave the same either way. */
import type { Options } from 'loopwatch';
import { type BlockSettings, blockArguments, blocking } from './block.js';
import type { Scope } from './folder.js';
import { programPath } from './places.js';
import { unwatched } from './preload.js';
import { type Ended, type RunOptions, run } from './run.js';
import { type Server, startServer } from './server.js';

/** A value as JavaScript source. */
export function literal(value: unknown): string {
  if (value instanceof RegExp || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(literal).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${literal(field)}`);
  return `{ ${fields.join(', ')} }`;
}

/** `thresholdMs` is LOOPWATCH_THRESHOLD_MS. */
export function variableOf(option: string): string {
  return `LOOPWATCH_${option.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Options as environment variables. Patterns have no spelling there. */
export function variables(options: Options): Record<string, string> {
  const entries = Object.entries(options).map(([name, value]) => {
    const isPlain = typeof value !== 'object' || Array.isArray(value);
    return [variableOf(name), isPlain ? String(value) : JSON.stringify(value)];
  });
  return Object.fromEntries(entries);
}

/** How a program gets its options. */
export interface Way {
  readonly name: string;
  /** Runs the block program to its end. */
  block(scope: Scope, options: Options, settings: BlockSettings, how?: RunOptions): Promise<Ended>;
  /** Starts the server program. */
  server(scope: Scope, options: Options, how?: RunOptions): Promise<Server>;
}

export const inCode: Way = {
  name: 'in code',
  block(scope, options, settings, how) {
    const args = [programPath('start-in-code.mjs'), literal(options), ...blockArguments(settings)];
    return run(scope, args, { preload: unwatched, ...how });
  },
  server(scope, options, how) {
    return startServer(scope, { preload: unwatched, ...how, options: literal(options) });
  },
};

export const inEnvironment: Way = {
  name: 'in the environment',
  block(scope, options, settings, how) {
    return run(scope, blocking(settings), { ...how, env: { ...how?.env, ...variables(options) } });
  },
  server(scope, options, how) {
    return startServer(scope, { ...how, env: { ...how?.env, ...variables(options) } });
  },
};

export const ways: readonly Way[] = [inCode, inEnvironment];
