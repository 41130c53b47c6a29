/**
 * Where a frame's code was written, by the source map of its file. This is the one place of the command
 * line that knows of maps.
 */
import { readFileSync, statSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { plainFile } from '../../shared/frames.js';
import type { Frame } from '../../shared/record.js';

/** Files and maps longer than this take too long to read for a picture of a moment. */
const MOST_BYTES = 32 * 1024 * 1024;

/** The last of a file's comments that name a map. */
const COMMENT = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;

const DATA = /^data:application\/json[^,]*?(;base64)?,(.*)$/s;

function read(file: string): string | null {
  const stat = statSync(file);
  return stat.isFile() && stat.size <= MOST_BYTES ? readFileSync(file, 'utf8') : null;
}

/** The text of the map that a file names; only files beside it are read, never another machine's. */
function mapText(file: string): string | null {
  const url = [...(read(file) ?? '').matchAll(COMMENT)].at(-1)?.[1];
  if (url === undefined) return null;
  const [, base64, data] = DATA.exec(url) ?? [];
  if (data !== undefined) {
    return base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, 'base64').toString();
  }
  if (/^[a-z][a-z\d+.-]*:/i.test(url)) return null;
  return read(resolve(dirname(file), decodeURIComponent(url)));
}

function mapOf(file: string): SourceMap | null {
  try {
    const text = mapText(file);
    return text === null ? null : new SourceMap(JSON.parse(text) as SourceMapPayload);
  } catch {
    // Missing, or none: the frame is shown as it runs.
    return null;
  }
}

const maps = new Map<string, SourceMap | null>();

/** The frame at its original place; itself where there is no map that knows it. */
export function mapped(frame: Frame): Frame {
  const { file, line, column } = frame;
  if (file === null || line === null || !isAbsolute(file)) return frame;
  let map = maps.get(file);
  if (map === undefined) {
    map = mapOf(file);
    maps.set(file, map);
  }
  const entry = map?.findEntry(line - 1, (column ?? 1) - 1);
  if (entry === undefined || !('originalSource' in entry)) return frame;
  const source = plainFile(entry.originalSource);
  if (source === null) return frame;
  return {
    ...frame,
    file: isAbsolute(source) ? source : resolve(dirname(file), source),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
    // The name at a call is what is called there: only the frame's own function is known.
  };
}
