/** What the end of a script says of its source map: cheap enough to be asked of every frame. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** Where a script's source map is, by the script's own last lines. */
export interface MapLink {
  /** As `sourceMappingURL` has it; null for an inline map, and where only a debug id is known. */
  readonly url: string | null;
  /** True when the map seems to be in the script itself. */
  readonly inline: boolean;
  /** The id that a bundler plugin gave to the script and its map, in lower case. */
  readonly debugId: string | null;
  /** Changes with the script: its size and when it was last written. */
  readonly stamp: string;
}

/**
 * The comments are the last two or three lines, and none of them is longer than a path. An inline
 * map is longer: then this is a piece of it.
 */
const TAIL_BYTES = 4096;

/** Scripts remembered. The frames of a program's blocks are in far fewer. */
const KEPT = 256;

const URL_COMMENT = /^[ \t]*(?:\/\/|\/\*)[#@][ \t]*sourceMappingURL=([^\s'"]+)/gm;
const ID_COMMENT = /^[ \t]*\/\/[#@][ \t]*debugId=([0-9a-f-]{32,36})\s*$/gim;

/** No code runs on for so long without a space, a quote or a semicolon; a data URL does. */
const PIECE_OF_DATA = /^[\w+/=%.~!*()-]{1000,}$/;

/** Reads the links out of a script's end. */
export function linkIn(tail: string, stamp: string): MapLink | null {
  const url = [...tail.matchAll(URL_COMMENT)].at(-1)?.[1]?.replace(/\*\/$/, '') ?? null;
  const debugId = [...tail.matchAll(ID_COMMENT)].at(-1)?.[1]?.toLowerCase() ?? null;
  const inline =
    url === null
      ? tail.split(/[\r\n]+/).some((line) => PIECE_OF_DATA.test(line))
      : url.startsWith('data:');
  if (url === null && debugId === null && !inline) return null;
  return { url: inline ? null : url, inline, debugId, stamp };
}

interface Known {
  readonly stamp: string;
  readonly link: MapLink | null;
}

const known = new Map<string, Known>();

function tailOf(file: string, size: number): string {
  const length = Math.min(size, TAIL_BYTES);
  const tail = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  try {
    return tail.toString('utf8', 0, readSync(handle, tail, 0, length, size - length));
  } finally {
    closeSync(handle);
  }
}

function read(file: string): MapLink | null {
  const stat = statSync(file);
  // A device, or a pipe, may never answer.
  if (!stat.isFile()) return null;
  const stamp = `${stat.size} ${stat.mtimeMs}`;
  const cached = known.get(file);
  if (cached?.stamp === stamp) return cached.link;
  const link = linkIn(tailOf(file, stat.size), stamp);
  const [oldest] = known.keys();
  if (known.size >= KEPT && oldest !== undefined) known.delete(oldest);
  known.set(file, { stamp, link });
  return link;
}

/** The link of a script; null when it has none, or can't be read. */
export function mapLinkOf(file: string): MapLink | null {
  try {
    return read(file);
  } catch {
    return null;
  }
}

/** What Node runs as it is: any other file was made JavaScript in memory. */
const RUNS_AS_IT_IS = /\.(?:[cm]?js|json|node|wasm)$/i;

/** Whether only the thread that runs a file can know its source map. */
export function isTranspiled(file: string): boolean {
  return /\.\w+$/.test(file) && !RUNS_AS_IT_IS.test(file);
}
