/** The options for those who have a log of their own: pino transports, or a logger. */
import type { DeadClient } from '../record/dead-client.js';
import type { BlockRecord, Unconfirmed } from '../record/record.js';
import type { Rule } from './option-rules.js';

/** pino's names for the levels. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LEVELS)[number];

/** A pino transport, as `pino.transport()` takes it. */
export interface LogTarget {
  /**
   * A package, an absolute path or file URL, or a path relative to the main script or, if there is no
   * such file, to the directory of the start. `pino/file` is there without installing anything.
   */
  readonly target: string;
  /** What the target is called with: what a structured clone can hold, so no functions. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** The lowest level that this target gets. Default: that of `logLevel`. */
  readonly level?: LogLevel | undefined;
}

/** One target, or several: as `transport` of pino's options has it, or just a list. */
export type LogTransport =
  | LogTarget
  | { readonly targets: readonly LogTarget[] }
  | readonly LogTarget[];

/** What a report's log line holds besides its text; `hint` is what to do about it, in a sentence. */
export type LogFields =
  | { readonly block: BlockRecord; readonly hint?: string }
  | { readonly unconfirmed: Unconfirmed }
  | { readonly deadClient: DeadClient };

type LogMethod = (fields: LogFields, text: string) => unknown;

/**
 * A pino logger, a child of one, or anything that takes the fields first and the text second.
 * A promise that a method returns is waited for; what rejects was not logged.
 */
export interface ProgramLogger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy, or undefined. What can't be cloned can't be sent to the thread that the target runs on. */
function targetFrom(value: unknown): LogTarget | undefined {
  if (!isObject(value)) return undefined;
  const { target, options = {}, level, ...unknown } = value;
  if (typeof target !== 'string' || target === '' || target.includes('\0')) return undefined;
  if (!isObject(options) || Object.keys(unknown).length > 0) return undefined;
  const known = LEVELS.find((one) => one === level);
  if (level !== undefined && known === undefined) return undefined;
  try {
    const copy = structuredClone(options);
    return { target, options: copy, ...(known === undefined ? {} : { level: known }) };
  } catch {
    return undefined;
  }
}

function targetsIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value) || value.targets === undefined) return [value];
  return Object.keys(value).length === 1 && Array.isArray(value.targets)
    ? value.targets
    : undefined;
}

export const logTransport: Rule<readonly LogTarget[]> = {
  says: "{ target, options, level }, { targets: [...] } or a list of targets: target a text, options an object that can be cloned, level one of pino's; JSON in the environment",
  check: (value) => {
    const found = targetsIn(value)?.map(targetFrom);
    return found?.some((one) => one === undefined) ? undefined : (found as LogTarget[] | undefined);
  },
  parse: (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  },
};

const METHODS = ['debug', 'info', 'warn', 'error'] as const;

export const programLogger: Rule<ProgramLogger | null> = {
  says: 'an object with the methods debug, info, warn and error',
  check: (value) => {
    const methods = value as Partial<Record<string, unknown>> | null | undefined;
    const isLogger = METHODS.every((name) => typeof methods?.[name] === 'function');
    return isLogger ? (value as ProgramLogger) : undefined;
  },
  parse: (text) => text,
};
