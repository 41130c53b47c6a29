/** Lengths of time as people write and read them. */
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A day: beyond that a number is a slip. */
const LONGEST_MS = 86_400_000;

/**
 * Reads `500ms`, `5s`, `2m`; a bare number counts seconds.
 *
 * @returns ms
 * @throws InvalidArgumentError
 */
export function parseDuration(text: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text.trim()) ?? [];
  const ms = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw new InvalidArgumentError('Give a time such as 500ms, 5s or 2m.');
}

/** `412 ms`, `3.2 s`, `4 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
