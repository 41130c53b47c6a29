/** Small checks of values read from elsewhere, to be put together. */

/** Whether a value is as it should be. */
export type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === 'string';
export const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
export const flag: Check = (value) => typeof value === 'boolean';

export function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

export function oneOf(...allowed: readonly string[]): Check {
  return (value) => allowed.includes(value as string);
}

export function list(check: Check, most: number): Check {
  return (value) => Array.isArray(value) && value.length <= most && value.every(check);
}

export function fields(checks: Readonly<Record<string, Check>>): Check {
  const all = Object.entries(checks);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return all.every(([name, check]) => check((value as Record<string, unknown>)[name]));
  };
}
