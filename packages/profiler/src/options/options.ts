/** The options of the recorder, checked once into a frozen object. */
import { ProfilerOptionError, requireNumber } from './errors.js';

/** All of them with their defaults filled in. */
export interface Settings {
  /**
   * How often the stack is taken, in ms, 1 to 1000. Default 10, which costs up to 8% of a CPU while
   * the program computes; 1 costs a quarter of one.
   */
  readonly intervalMs: number;
  /** How much is remembered, in ms, 1000 to 600,000. Default 20,000. */
  readonly windowMs: number;
  /**
   * True records on demand: from the first block whose line is not known, until {@link quietMs} have
   * passed without one. False records from the start. Default true.
   */
  readonly escalate: boolean;
  /** When to stop again, in ms without a block, 1000 to 86,400,000. Default 60,000. */
  readonly quietMs: number;
}

/** What `recorder.start` takes: any of the settings. */
export type RecorderOptions = { readonly [K in keyof Settings]?: Settings[K] | undefined };

const DEFAULTS: Settings = { intervalMs: 10, windowMs: 20_000, escalate: true, quietMs: 60_000 };

/**
 * The options, with defaults for what is not given.
 *
 * @throws ProfilerOptionError naming option, rule and value
 */
export function settingsFrom(options: RecorderOptions): Settings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings: Settings = { ...DEFAULTS, ...Object.fromEntries(given) };
  requireNumber('intervalMs', settings.intervalMs, 1, 1000);
  requireNumber('windowMs', settings.windowMs, 1000, 600_000);
  requireNumber('quietMs', settings.quietMs, 1000, 86_400_000);
  if (typeof settings.escalate !== 'boolean') {
    throw new ProfilerOptionError('escalate', 'true or false', settings.escalate);
  }
  return Object.freeze(settings);
}
