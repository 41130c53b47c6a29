/** pino's level numbers, and which report has which. */
import type { Settings } from './option-schema.js';
import type { BlockRecord } from './record.js';

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

/** What loopwatch has to say of itself to those who ask: where it listens, and why it does not. */
export const NOTE_LEVELS = { info: LEVELS.info, debug: LEVELS.debug } as const;

/** The level of a record's log line. */
export function levelOf(record: BlockRecord, quietStartup: boolean): number {
  if (quietStartup) return LEVELS.info;
  return record.kind === 'hang' ? LEVELS.error : LEVELS.warn;
}

/** Whether the log wants a line of this level. */
export function isLogged(level: number, { log, logLevel }: Settings): boolean {
  return log !== 'off' && level >= LEVELS[logLevel];
}
