/** pino's level numbers, and which report has which. */
import type { Reported } from '../record/reported.js';
import type { Settings } from './option-schema.js';

const LEVELS = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
} as const satisfies Record<Settings['logLevel'], number>;

/** A late beat that was no block. */
export const UNCONFIRMED_LEVEL = LEVELS.debug;

/** A client that was found dead. */
export const DEAD_CLIENT_LEVEL = LEVELS.warn;

/** What loopwatch has to say of itself to those who ask: where it listens, and why it does not. */
export const NOTE_LEVELS = { info: LEVELS.info, debug: LEVELS.debug } as const;

/** The level of a report's log line. */
export function levelOf(record: Reported, quietStartup: boolean): number {
  if (record.kind === 'dead-client') return DEAD_CLIENT_LEVEL;
  if (quietStartup) return LEVELS.info;
  return record.kind === 'hang' ? LEVELS.error : LEVELS.warn;
}

/** What decides about a log: the options, and whether the program has given a logger of its own. */
export interface LogSetup {
  readonly settings: Settings;
  readonly hasLogger: boolean;
}

/** Whether there is a log of any kind. */
export function hasLog({ settings, hasLogger }: LogSetup): boolean {
  return settings.log !== 'off' || settings.logTransport.length > 0 || hasLogger;
}

/** Whether the log wants a line of this level. */
export function isLogged(level: number, setup: LogSetup): boolean {
  return hasLog(setup) && level >= LEVELS[setup.settings.logLevel];
}

/** Whether a report of this level is shown in a box. */
export function warnsOf(level: number, { mode }: Pick<Settings, 'mode'>): boolean {
  return mode === 'warn' && level >= LEVELS.warn;
}

/** pino's methods by level number, for the levels that we write. */
const METHODS = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' } as const;

/** The method that writes a line of this level. */
export function methodOf(level: number): (typeof METHODS)[keyof typeof METHODS] {
  return METHODS[level as keyof typeof METHODS] ?? 'warn';
}
