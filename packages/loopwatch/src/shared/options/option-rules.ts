/** What the values of options may be, and how the environment spells them. */
import { OFF, parseServeAddress } from './serve-address.js';

/** What a value has to be. `check` returns the usable value, or undefined when the rule is broken. */
export interface Rule<T> {
  /** The rule in words, as error messages and the documentation give it. */
  readonly says: string;
  readonly check: (value: unknown) => T | undefined;
  /** Reads an environment variable's text into a value for `check`. */
  readonly parse: (text: string) => unknown;
}

export interface Option<T> {
  readonly rule: Rule<T>;
  readonly fallback: T;
  /** How the documentation writes the default, where the value itself says too little. */
  readonly fallbackSays?: string;
  readonly says: string;
  /** True for what no text can say. */
  readonly codeOnly?: boolean;
  /** Whether its value may be shown to nobody. */
  readonly secret?: true;
}

const numeric = (text: string): unknown => (text.trim() === '' ? text : Number(text));
const asIs = (text: string): unknown => text;

export function number(min: number, max: number, unit: string): Rule<number> {
  return {
    says: `a number${unit === '' ? '' : ` of ${unit}`} from ${min} to ${max}`,
    check: (value) =>
      typeof value === 'number' && value >= min && value <= max ? value : undefined,
    parse: numeric,
  };
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Rule<T> {
  return {
    says: allowed.map((value) => `'${value}'`).join(', '),
    check: (value) => allowed.find((one) => one === value),
    parse: asIs,
  };
}

const TRUE = ['1', 'true', 'yes', 'on'];
const FALSE = ['0', 'false', 'no', 'off'];
export const boolean: Rule<boolean> = {
  says: 'true or false',
  check: (value) => (typeof value === 'boolean' ? value : undefined),
  parse: (text) => {
    const word = text.trim().toLowerCase();
    if (TRUE.includes(word)) return true;
    return FALSE.includes(word) ? false : text;
  },
};

export function text(says: string): Rule<string> {
  return {
    says,
    check: (value) =>
      typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined,
    parse: asIs,
  };
}

export function list<T>(says: string, item: (value: unknown) => value is T): Rule<readonly T[]> {
  return {
    says,
    check: (value) => (Array.isArray(value) && value.every(item) ? [...value] : undefined),
    parse: (text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
  };
}

/** The fields of an option that is an object, each with its own rule and default. */
type Fields<T> = { readonly [K in keyof T]: Option<T[K]> };

function fieldsFrom<T>(fields: Fields<T>, given: Readonly<Record<string, unknown>>): T | undefined {
  const names = Object.keys(fields) as (keyof T & string)[];
  if (Object.keys(given).some((name) => !Object.hasOwn(fields, name))) return undefined;
  const found: Partial<T> = {};
  for (const name of names) {
    const { rule, fallback } = fields[name];
    const value = given[name] === undefined ? fallback : rule.check(given[name]);
    if (value === undefined) return undefined;
    found[name] = value;
  }
  return Object.freeze(found) as T;
}

/** `false`, `true` for the defaults, or an object with some of the fields; JSON in the environment. */
export function objectOrOff<T extends object>(fields: Fields<T>): Rule<T | false> {
  const all = Object.entries<Option<unknown>>(fields);
  const shown = all.map(([name, { rule, fallback }]) => `${name} (${rule.says}; ${fallback})`);
  return {
    says: `true, false, or an object of ${shown.join(', ')}`,
    check: (value) => {
      if (value === false) return false;
      if (value === true) return fieldsFrom(fields, {});
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      return fieldsFrom(fields, value as Record<string, unknown>);
    },
    parse: (text) => {
      const switched = boolean.parse(text);
      if (typeof switched === 'boolean') return switched;
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    },
  };
}

/** Where to listen; a number is a port. */
export const address: Rule<string> = {
  says: "'off', a port, or host:port",
  check: (value) => {
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string') return undefined;
    return text === OFF || parseServeAddress(text) !== null ? text : undefined;
  },
  parse: asIs,
};

/** What fits into a header and can't be guessed. */
export const token: Rule<string> = {
  says: 'a text of 16 to 256 visible ASCII characters',
  check: (value) =>
    typeof value === 'string' && /^[\x21-\x7e]{16,256}$/.test(value) ? value : undefined,
  parse: asIs,
};

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '';
export const isPattern = (value: unknown): value is string | RegExp =>
  isText(value) || value instanceof RegExp;

export const isPath = (value: unknown): value is string => isText(value) && value.startsWith('/');

/** RFC 9110's token, as Node gives the names of headers. */
export const headerName: Rule<string> = {
  says: 'the name of a header',
  check: (value) =>
    isText(value) && /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value.toLowerCase() : undefined,
  parse: asIs,
};

export const option = <T>(
  rule: Rule<T>,
  fallback: NoInfer<T>,
  says: string,
  fallbackSays?: string,
): Option<T> => ({ rule, fallback, says, ...(fallbackSays === undefined ? {} : { fallbackSays }) });
