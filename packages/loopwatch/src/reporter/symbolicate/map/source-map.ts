/** A source map that was checked before anything is done with it: it may be anybody's. */
import {
  type EncodedSourceMap,
  FlattenMap,
  presortedDecodedMap,
  type TraceMap,
} from '@jridgewell/trace-mapping';
import { isParsable } from './json-size.js';
import { Mappings, type Stretch } from './mappings.js';
import { MapFailure } from './question.js';

/** Maps in maps: none is known with more than one level. */
const DEEPEST = 8;

/** Maps with so many lines and segments are decoded at once: that takes 20 ms, and 10 MB of memory. */
const FEW_SEGMENTS = 100_000;

/**
 * Lines and segments of what can only be decoded at once: indexed maps, and those in disorder. Each takes
 * about 100 bytes, and the pool's heap has to hold them all.
 */
const MOST_SEGMENTS = 2_000_000;

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

/** A map that can be asked. */
export interface SourceMap {
  /** As the map has them: resolving them as URLs would lose what bundlers mean by them. */
  readonly sources: readonly (string | null)[];
  readonly sourceRoot: string;
  readonly contents: readonly unknown[];
  readonly ignored: ReadonlySet<number>;
  readonly names: readonly string[];
  /** The map, of which only these stretches need be there. */
  within(stretches: readonly Stretch[]): TraceMap;
}

function whole(map: TraceMap): SourceMap {
  return {
    sources: map.sources,
    sourceRoot: map.sourceRoot ?? '',
    contents: map.sourcesContent ?? [],
    ignored: new Set(map.ignoreList ?? []),
    names: map.names,
    within: () => map,
  };
}

/** One that is decoded in parts; null for one that can't be. */
function inParts(map: EncodedSourceMap): SourceMap | null {
  const mappings = new Mappings(map.mappings);
  if (!mappings.isSorted) return null;
  const { sources, names } = map;
  return {
    ...whole(presortedDecodedMap({ ...map, mappings: [] })),
    within(stretches) {
      return presortedDecodedMap({
        version: 3,
        sources,
        names,
        mappings: mappings.within(stretches),
      });
    },
  };
}

/**
 * Reads a source map, indexed or not.
 *
 * @throws MapFailure `invalid`, `too-large`, `mismatch`, `missing`
 */
export function parseMap(text: string, { debugId, required }: Identity): SourceMap {
  if (!isParsable(text)) throw new MapFailure('too-large');
  let map: unknown;
  try {
    // Some servers put )]}' before JSON, and bundlers may keep it.
    map = JSON.parse(text.startsWith(')') ? text.replace(/^[^\n]*\n/, '') : text);
  } catch {
    throw new MapFailure('invalid');
  }
  const segments = check(map, 0);
  const id = debugIdOf(map as Raw);
  if (required && id === null) throw new MapFailure('missing');
  if (debugId !== null && id !== null && id !== debugId) throw new MapFailure('mismatch');
  const named = { names: [], ...(map as object) };
  try {
    const parts =
      segments > FEW_SEGMENTS && 'mappings' in named
        ? inParts(named as unknown as EncodedSourceMap)
        : null;
    if (parts !== null) return parts;
    if (segments > MOST_SEGMENTS) throw new MapFailure('too-large');
    return whole(new FlattenMap(named as unknown as EncodedSourceMap));
  } catch (error) {
    throw error instanceof MapFailure ? error : new MapFailure('invalid');
  }
}
