/** A source map that was checked before anything is done with it: it may be anybody's. */
import { FlattenMap, type TraceMap } from '@jridgewell/trace-mapping';
import { MapFailure } from './question.js';

/** Maps in maps: none is known with more than one level. */
const DEEPEST = 8;

/**
 * Lines and segments of a map. Each takes about 100 bytes when it is decoded, and the pool's heap has
 * to hold them all; a map of 20 MB has 2 million.
 */
const MOST_SEGMENTS = 5_000_000;

interface Raw {
  readonly version?: unknown;
  readonly mappings?: unknown;
  readonly sources?: unknown;
  readonly names?: unknown;
  readonly sections?: unknown;
  readonly debugId?: unknown;
  readonly debug_id?: unknown;
}

function segmentsIn(mappings: string): number {
  let count = 1;
  for (let at = 0; at < mappings.length; at++) {
    const code = mappings.charCodeAt(at);
    if (code === 0x2c || code === 0x3b) count++;
  }
  return count;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The segments of a map and of those in it. @throws MapFailure */
function check(map: unknown, depth: number): number {
  if (!isObject(map) || depth > DEEPEST) throw new MapFailure('invalid');
  const { version, mappings, sources, names, sections } = map as Raw;
  if (version !== 3) throw new MapFailure('invalid');
  if (sections !== undefined) {
    if (!Array.isArray(sections)) throw new MapFailure('invalid');
    return sections.reduce((sum: number, section: unknown) => {
      const { offset, map: inner } = (section ?? {}) as { offset?: unknown; map?: unknown };
      const { line, column } = (offset ?? {}) as { line?: unknown; column?: unknown };
      const isPlace = Number.isSafeInteger(line) && Number.isSafeInteger(column);
      // The line says how many empty ones are made before it.
      if (!isPlace || (line as number) < 0) throw new MapFailure('invalid');
      if ((line as number) > MOST_SEGMENTS) throw new MapFailure('too-large');
      return sum + check(inner, depth + 1);
    }, 0);
  }
  const isWhole =
    typeof mappings === 'string' &&
    Array.isArray(sources) &&
    sources.every((source) => source === null || typeof source === 'string') &&
    (names === undefined ||
      (Array.isArray(names) && names.every((name) => typeof name === 'string')));
  if (!isWhole) throw new MapFailure('invalid');
  return segmentsIn(mappings);
}

/** The id in a map, in lower case; null without one. */
function debugIdOf({ debugId, debug_id: older }: Raw): string | null {
  const id = debugId ?? older;
  return typeof id === 'string' ? id.toLowerCase() : null;
}

/** What names a map and its script, if both do. */
export interface Identity {
  /** As the script says. */
  readonly debugId: string | null;
  /** Whether nothing else says that they belong together. */
  readonly required: boolean;
}

/**
 * Reads a source map, indexed or not.
 *
 * @throws MapFailure `invalid`, `too-large`, `mismatch`, `missing`
 */
export function parseMap(text: string, { debugId, required }: Identity): TraceMap {
  let map: unknown;
  try {
    // Some servers put )]}' before JSON, and bundlers may keep it.
    map = JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, ''));
  } catch {
    throw new MapFailure('invalid');
  }
  if (check(map, 0) > MOST_SEGMENTS) throw new MapFailure('too-large');
  const id = debugIdOf(map as Raw);
  if (required && id === null) throw new MapFailure('missing');
  if (debugId !== null && id !== null && id !== debugId) throw new MapFailure('mismatch');
  try {
    const whole = { ...(map as object) } as { names?: string[] };
    whole.names ??= [];
    return new FlattenMap(whole as ConstructorParameters<typeof FlattenMap>[0]);
  } catch {
    throw new MapFailure('invalid');
  }
}
