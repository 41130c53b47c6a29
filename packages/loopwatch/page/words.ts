/** Numbers and times as people read them. */
import type { TimelineEvent } from '#src/shared/pictures/pictures.js';

const DAY = { day: 'numeric', month: 'short' } as const;
const MINUTE = { hour: '2-digit', minute: '2-digit' } as const;

/** `412 ms`, `2.19 s`, `12.3 s`, `4 min 10 s`. */
export function time(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
}

/** `1 block`, `12 blocks`. */
export function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

/** A time for an axis whose ticks are `stepMs` apart, in the reader's time zone. */
export function clock(at: Date, stepMs: number): string {
  if (stepMs >= 12 * 3_600_000) return at.toLocaleDateString('en-GB', DAY);
  if (stepMs >= 60_000) return at.toLocaleTimeString('en-GB', MINUTE);
  const seconds = at.toLocaleTimeString('en-GB');
  return stepMs >= 1000 ? seconds : `${seconds}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** `2026-11-21 16:20:05`, in the reader's time zone. */
export function moment(atMs: number): string {
  return new Date(atMs).toLocaleString('sv-SE');
}

/** The end of a path: `src/report.ts:88`. */
export function shortPlace(place: string): string {
  return place.split(/[\\/]/).slice(-2).join('/');
}

export const KIND_NAMES: Readonly<Record<TimelineEvent['kind'], string>> = {
  block: 'block',
  hang: 'hang',
  cumulative: 'many short blocks',
  unconfirmed: 'late, but no block',
};
