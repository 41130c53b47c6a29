/** The options of a watch that is put into another process: from our environment and command line. */
import { LoopwatchError } from '../../shared/errors.js';
import { type OptionName, SCHEMA_OF_OPTIONS } from '../../shared/options/option-schema.js';
import { settingsFrom, variableOf } from '../../shared/options/options.js';
import { Unusable } from '../terminal/outcome.js';

const names = Object.keys(SCHEMA_OF_OPTIONS) as OptionName[];

function nameOf(text: string): OptionName {
  const name = names.find((one) => one === text || variableOf(one) === text);
  if (name !== undefined) return name;
  throw new Unusable(`there is no option ${text}; there are ${names.join(', ')}`);
}

/** `thresholdMs=200` as the environment would say it. */
function variable(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Unusable(`--option takes name=value, and not ${text}`);
  return [variableOf(nameOf(text.slice(0, at))), text.slice(at + 1)];
}

/**
 * What is to be passed to `start` there, checked here; relative paths are ours and not those of the
 * process.
 *
 * @param given each as `name=value`
 * @throws Unusable
 */
export function optionsToAttach(
  given: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Partial<Record<OptionName, unknown>> {
  const merged = { ...environment, ...Object.fromEntries(given.map(variable)) };
  try {
    const settings = settingsFrom({}, merged);
    const chosen = names.filter((name) => merged[variableOf(name)]);
    return Object.fromEntries(chosen.map((name) => [name, settings[name]]));
  } catch (error) {
    if (error instanceof LoopwatchError) throw new Unusable(error.message);
    throw error;
  }
}

/** A value as JavaScript text; patterns are the only ones that JSON has no word for. */
export function literal(value: unknown): string {
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value).map(
    ([key, one]) => `${JSON.stringify(key)}:${literal(one)}`,
  );
  return `{${entries.join(',')}}`;
}
