/** The options of a watchdog, checked once into a frozen object. */
import { inspect } from 'node:util';
import type { DeadClientReport } from '../verdict/report.js';
import { DeadClientOptionError } from './errors.js';

/** Called with each dead client, once its connection was reset; what it throws becomes a warning. */
export type DeadListener = (report: DeadClientReport) => void;

/** All of them with their defaults filled in. */
export interface Settings {
  /** How long a client may take nothing of what is sent to it, in ms, 1 to 86,400,000. Default 30,000. */
  readonly graceMs: number;
  /** How long a client may be gone without our having noticed, in ms, 1 to 86,400,000. Default 2000. */
  readonly peerCloseMs: number;
  /** How often sockets are looked at, in ms, 10 to 60,000. Default 1000. */
  readonly intervalMs: number;
  /**
   * How many times the longest pause that a client has recovered from it may pause again, 0 to 100;
   * never more than four graces. 0 turns it off. Default 2.
   */
  readonly adaptive: number;
  /** 'reset' frees the connection, 'report' only says so. Default 'reset'. */
  readonly action: 'reset' | 'report';
  /** How the kernel is asked; 'auto' takes koffi where it works. Default 'auto'. */
  readonly backend: 'auto' | 'koffi' | 'proc' | 'none';
  readonly onDead: DeadListener | null;
}

/** What `createClientWatchdog` takes: any of the settings. */
export type ClientWatchdogOptions = {
  readonly [K in keyof Settings]?: Settings[K] | undefined;
};

/** What `watch` takes besides the connection. */
export interface WatchOptions {
  /** Comes back in the report: whose session it is. */
  readonly meta?: unknown;
  /** Instead of the watchdog's, in ms. */
  readonly graceMs?: number | undefined;
}

interface Rule {
  readonly says: string;
  readonly holds: (value: unknown) => boolean;
}

const DAY_MS = 86_400_000;

function number(least: number, most: number, unit = ' of ms'): Rule {
  return {
    says: `a number${unit} from ${least} to ${most}`,
    holds: (value) => typeof value === 'number' && value >= least && value <= most,
  };
}

function oneOf(...allowed: readonly string[]): Rule {
  return {
    says: `one of ${allowed.map((one) => `'${one}'`).join(', ')}`,
    holds: (value) => allowed.includes(value as string),
  };
}

const RULES: { readonly [K in keyof Settings]: Rule } = {
  graceMs: number(1, DAY_MS),
  peerCloseMs: number(1, DAY_MS),
  intervalMs: number(10, 60_000),
  adaptive: number(0, 100, ''),
  action: oneOf('reset', 'report'),
  backend: oneOf('auto', 'koffi', 'proc', 'none'),
  onDead: {
    says: 'a function',
    holds: (value) => value === null || typeof value === 'function',
  },
};

const DEFAULTS: Settings = {
  graceMs: 30_000,
  peerCloseMs: 2000,
  intervalMs: 1000,
  adaptive: 2,
  action: 'reset',
  backend: 'auto',
  onDead: null,
};

function refuse(what: string, rule: string, value: unknown): never {
  const shown = inspect(value, { breakLength: Number.POSITIVE_INFINITY });
  throw new DeadClientOptionError(`${what} must be ${rule}; it is ${shown}`);
}

/** What was given of those that there are. */
function givenOf(options: object, known: object): [name: string, value: unknown][] {
  if (typeof options !== 'object' || options === null) refuse('the options', 'an object', options);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const unknown = given.find(([name]) => !Object.hasOwn(known, name));
  if (unknown === undefined) return given;
  const names = Object.keys(known).join(', ');
  throw new DeadClientOptionError(`there is no option '${unknown[0]}'; there are ${names}`);
}

/** @throws DeadClientOptionError for a value that breaks its rule, or an option that does not exist */
export function settingsFrom(options: ClientWatchdogOptions): Settings {
  const given = givenOf(options, RULES);
  for (const [name, value] of given) {
    const rule = RULES[name as keyof Settings];
    if (!rule.holds(value)) refuse(name, rule.says, value);
  }
  return Object.freeze({ ...DEFAULTS, ...Object.fromEntries(given) });
}

const WATCH_OPTIONS: Required<WatchOptions> = { meta: null, graceMs: undefined };

/** @throws DeadClientOptionError for a grace that breaks its rule, or an option that does not exist */
export function graceFrom(options: WatchOptions, settings: Settings): number {
  const { graceMs } = Object.fromEntries(givenOf(options, WATCH_OPTIONS)) as WatchOptions;
  if (graceMs === undefined) return settings.graceMs;
  if (!RULES.graceMs.holds(graceMs)) refuse('graceMs of watch', RULES.graceMs.says, graceMs);
  return graceMs;
}

/** @throws DeadClientOptionError always */
export function refuseTarget(what: string, value: unknown): never {
  const name = (value as { constructor?: { name?: string } } | null)?.constructor?.name;
  throw new DeadClientOptionError(`${what}; it is ${name ?? inspect(value)}`);
}
