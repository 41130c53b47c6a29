/** What answers say about blocks, and how that gets among the headers that a program sends. */
import type { Settings } from '../../shared/options/option-schema.js';
import { PENDING } from '../../shared/server-timing.js';
import type { Field } from '../requests/answer.js';

/** What there is to say about one request. */
export interface Facts {
  readonly requestId: string;
  readonly blocks: number;
  readonly blockedMs: number;
  /** Whether that may be too little, since the loop was late and nobody has said yet why. */
  readonly isPending: boolean;
  /** How long a proxy had it wait; null when none says so. */
  readonly queueMs: number | null;
}

function rounded(ms: number): string {
  return String(Math.round(ms * 10) / 10);
}

export function timingOf({ blockedMs, isPending, queueMs }: Facts): string {
  const loop = `loop;dur=${rounded(blockedMs)}${isPending ? `;${PENDING}` : ''}`;
  return queueMs === null ? loop : `${loop}, queue;dur=${rounded(queueMs)}`;
}

/** Whether answers carry `Server-Timing`. */
export function saysTiming({ mode, serverTiming }: Settings): boolean {
  return serverTiming ?? mode !== 'log';
}

/** The headers of one answer. */
export function fieldsOf(facts: Facts, settings: Settings): Field[] {
  const fields: Field[] = [];
  if (saysTiming(settings)) {
    fields.push({ name: 'Server-Timing', value: timingOf(facts), existing: 'append' });
  }
  if (settings.mode === 'log') return fields;
  const { requestId, blocks, blockedMs } = facts;
  return [
    ...fields,
    { name: 'X-Request-Id', value: requestId, existing: 'keep' },
    { name: 'X-Blocking-Count', value: String(blocks), existing: 'replace' },
    { name: 'X-Blocking-Total-Ms', value: rounded(blockedMs), existing: 'replace' },
    { name: 'X-Blocking-Detected', value: String(blocks > 0), existing: 'replace' },
  ];
}

/** An hour: no proxy keeps a request for longer, so such a time is no time of day. */
const LONGEST_QUEUE_MS = 3_600_000;

/**
 * How long a request waited in a proxy's queue, by the header in which the proxy said when it took it:
 * nginx gives seconds with a fraction (`t=1700000000.123`), Heroku ms, others µs or ns. Their magnitudes
 * tell them apart from 1973 to 5138.
 *
 * @param startedMs when the request reached us, in ms since 1970
 * @returns null for what is no such time; 0 where the proxy's clock is ahead of ours
 */
export function queueMsOf(header: string | undefined, startedMs: number): number | null {
  const digits = /^\s*(?:t=)?(\d{9,19}(?:\.\d{1,9})?)\s*$/.exec(header ?? '')?.[1];
  if (digits === undefined) return null;
  const value = Number(digits);
  let sentMs = value / 1e6;
  if (value < 1e11) sentMs = value * 1000;
  else if (value < 1e14) sentMs = value;
  else if (value < 1e17) sentMs = value / 1000;
  const ms = startedMs - sentMs;
  return Math.abs(ms) > LONGEST_QUEUE_MS ? null : Math.max(0, ms);
}

/** Headers as programs give them to Node, in any of its forms. */
export type Given = Record<string, unknown> | readonly unknown[] | null | undefined;

/** What has been set on the response itself before. */
export interface Preset {
  getHeader(name: string): unknown;
  setHeader(name: string, value: string | string[]): unknown;
}

function joined(existing: unknown, value: string): string | string[] {
  if (existing === undefined || existing === null || existing === '') return value;
  if (Array.isArray(existing)) return [...existing.map(String), value];
  return `${existing}, ${value}`;
}

/** Undefined leaves the program's own as it is. */
function newValue({ value, existing }: Field, present: unknown): string | string[] | undefined {
  if (existing === 'append') return joined(present, value);
  return existing === 'keep' && present !== undefined ? undefined : value;
}

function isNamed(key: unknown, name: string): boolean {
  return typeof key === 'string' && key.toLowerCase() === name.toLowerCase();
}

function intoObject(given: Record<string, unknown>, preset: Preset | null, fields: Field[]) {
  const all: Record<string | symbol, unknown> = { ...given };
  for (const field of fields) {
    const key = Object.keys(all).find((one) => isNamed(one, field.name)) ?? field.name;
    const value = newValue(field, all[key] ?? preset?.getHeader(field.name));
    if (value !== undefined) all[key] = value;
  }
  return all as Record<string, unknown>;
}

/** Names and values by turns, or as pairs. */
function intoArray(given: readonly unknown[], preset: Preset | null, fields: Field[]) {
  const paired = Array.isArray(given[0]);
  // Node refuses it, and is to refuse what the program gave.
  if (!paired && given.length % 2 !== 0) return given;
  const pairs: unknown[][] = paired
    ? given.map((pair) => [...(pair as unknown[])])
    : Array.from({ length: given.length / 2 }, (_, at) => given.slice(2 * at, 2 * at + 2));
  for (const field of fields) {
    const same = pairs.filter(([key]) => isNamed(key, field.name));
    const values = same.map(([, value]) => value);
    const present = values.length > 1 ? values.flat() : values[0];
    const value = newValue(field, present ?? preset?.getHeader(field.name));
    if (value === undefined) continue;
    for (const pair of same) pairs.splice(pairs.indexOf(pair), 1);
    pairs.push([field.name, value]);
  }
  return paired ? pairs : pairs.flat(1);
}

/**
 * The headers to send instead of those given, with the fields among them, each once.
 *
 * @param preset what holds the headers that were set before; null where nothing does
 */
export function withFields(given: Given, preset: Preset | null, fields: Field[]): Given {
  if (Array.isArray(given)) return intoArray(given, preset, fields);
  if (given !== null && given !== undefined) {
    return intoObject(given as Record<string, unknown>, preset, fields);
  }
  if (preset === null) return intoObject({}, preset, fields);
  for (const field of fields) {
    const value = newValue(field, preset.getHeader(field.name));
    if (value !== undefined) preset.setHeader(field.name, value);
  }
  return undefined;
}

/** Headers that describe the answer which was to be sent, and not the one that is sent instead. */
const OF_THE_ANSWER =
  /^(?:content-.*|transfer-encoding|trailer|etag|last-modified|cache-control|expires|age|accept-ranges|location|refresh|:status)$/i;

/** Whether a header stays when another answer takes the place of the program's. */
export function outlivesAnswer(name: string): boolean {
  return !OF_THE_ANSWER.test(name);
}
