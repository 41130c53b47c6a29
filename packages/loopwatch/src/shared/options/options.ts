/** Turns what code and environment ask for into one frozen, checked set of options. */
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { LoopwatchError } from '../errors.js';
import type { Option } from './option-rules.js';
import { type Chosen, type OptionName, type Options, SCHEMA_OF_OPTIONS } from './option-schema.js';
import { isLoopback, OFF, parseServeAddress } from './serve-address.js';

type Environment = Readonly<Record<string, string | undefined>>;

const names = Object.keys(SCHEMA_OF_OPTIONS) as OptionName[];

/** The environment variable of an option: `thresholdMs` is `LOOPWATCH_THRESHOLD_MS`. */
export function variableOf(name: string): string {
  return `LOOPWATCH_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** @throws LoopwatchError `LOOPWATCH_E_OPTION` */
export function refuse(what: string, rule: string, value: unknown): never {
  // Taken here: an import of node:util makes Node 22 and later open process.stderr.
  const { inspect } = process.getBuiltinModule('node:util');
  const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }).slice(0, 200);
  throw new LoopwatchError('LOOPWATCH_E_OPTION', `${what} must be ${rule}, but is ${shown}`);
}

function checked(name: OptionName, shown: string, value: unknown): unknown {
  const { rule, secret } = SCHEMA_OF_OPTIONS[name] as Option<unknown>;
  const usable = rule.check(value);
  if (usable !== undefined) return usable;
  // A token with a typo is nearly the token.
  return refuse(shown, rule.says, secret && typeof value === 'string' ? '[not shown]' : value);
}

function fromEnvironment(environment: Environment): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    if ((SCHEMA_OF_OPTIONS[name] as Option<unknown>).codeOnly) continue;
    const variable = variableOf(name);
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    const value = SCHEMA_OF_OPTIONS[name].rule.parse(text);
    found[name] = checked(name, variable, value);
  }
  return found;
}

/**
 * Refuses options that are not even an object, before they are merged with others.
 *
 * @throws LoopwatchError `LOOPWATCH_E_OPTION`
 */
export function requireObject(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    refuse('the options', 'an object', options);
  }
}

function fromCode(options: Options): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(SCHEMA_OF_OPTIONS, name)) {
      refuse(`option ${name}`, `one of ${names.join(', ')}`, name);
    }
    if (value !== undefined) found[name] = checked(name as OptionName, `option ${name}`, value);
  }
  return found;
}

function defaults(): Record<string, unknown> {
  const all = Object.entries(SCHEMA_OF_OPTIONS).map(([name, { fallback }]) => [name, fallback]);
  return Object.fromEntries(all);
}

function isPath(log: string): boolean {
  return log !== 'stderr' && log !== 'off';
}

/** One folder per user, since the temp folder is everybody's. */
function defaultJournalDir(): string {
  let user: string;
  try {
    const { uid, username } = userInfo();
    user = uid >= 0 ? String(uid) : username.replace(/[^\w.-]/g, '_');
  } catch {
    // A container may run under a uid that no user has.
    user = String(process.getuid?.() ?? 'user');
  }
  return join(tmpdir(), `loopwatch-${user}`);
}

/** What the test gate calls its limit, in ms. */
export const TEST_LIMIT = 'LOOPWATCH_TEST_THRESHOLD_MS';

/**
 * A server that a suite of tests has started says in its answers how long they have blocked the loop, and
 * finds what is longer than the suite's limit; unless it is told otherwise.
 */
function fromTests(environment: Environment, { beatMs, thresholdMs }: Chosen): Partial<Chosen> {
  const limitMs = Number(environment[TEST_LIMIT]?.trim() || 0);
  // What the tests make of a bad value is theirs to say.
  if (!(limitMs > 0)) return {};
  const leastMs = Math.max(limitMs, 2 * beatMs);
  // Also behind an await, at whatever cost that has before Node 24.
  return { serverTiming: true, context: 'on', thresholdMs: Math.min(thresholdMs, leastMs) };
}

/**
 * The options in force: code over environment over defaults.
 *
 * @throws LoopwatchError `LOOPWATCH_E_OPTION` naming option, rule and value
 */
export function settingsFrom(options: Options, environment: Environment): Chosen {
  const told = { ...fromEnvironment(environment), ...fromCode(options) };
  const usual = { ...defaults(), ...told } as unknown as Chosen;
  const merged: Chosen = { ...usual, ...fromTests(environment, usual), ...told };
  const { beatMs, thresholdMs, hangMs } = merged;
  if (thresholdMs < 2 * beatMs) {
    refuse('option thresholdMs', `at least 2 x beatMs (2 x ${beatMs})`, thresholdMs);
  }
  if (hangMs <= thresholdMs) {
    refuse('option hangMs', `more than thresholdMs (${thresholdMs})`, hangMs);
  }
  const { cumulative } = merged;
  if (cumulative !== false && cumulative.thresholdMs >= cumulative.windowMs) {
    refuse(
      'option cumulative.thresholdMs',
      `less than windowMs (${cumulative.windowMs})`,
      cumulative.thresholdMs,
    );
  }
  const { adaptive } = merged;
  if (adaptive !== false && adaptive.minSamples > adaptive.windowSize) {
    refuse(
      'option adaptive.minSamples',
      `at most windowSize (${adaptive.windowSize})`,
      adaptive.minSamples,
    );
  }
  const host = merged.serve === OFF ? null : parseServeAddress(merged.serve)?.host;
  if (host != null && !isLoopback(host) && merged.serveToken === '') {
    refuse('option serve', 'an address of this machine only, or have a serveToken', merged.serve);
  }
  const journalDir = merged.journalDir === '' ? defaultJournalDir() : resolve(merged.journalDir);
  // Now, since the program may change its directory before the first report is written.
  const log = isPath(merged.log) ? resolve(merged.log) : merged.log;
  return Object.freeze({ ...merged, journalDir, log });
}
