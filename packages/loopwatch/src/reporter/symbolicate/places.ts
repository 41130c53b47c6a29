/** Positions in a script to places in its sources, by a map that is read already. */
import { type TraceMap, traceSegment } from '@jridgewell/trace-mapping';
import type { SymbolicationFailure } from '../../shared/memory/symbolication-failures.js';
import { contextIn, type SourceContext } from '../../shared/sources/source-context.js';
import { linesOf } from '../../shared/sources/source-file.js';
import { isReallyInside } from './map/folders.js';
import { nameAtCall, nameAtDeclaration, stretchesFor } from './map/names.js';
import type { Place, Position } from './map/question.js';
import type { SourceMap } from './map/source-map.js';
import { type SourceFolders, sourceFile } from './map/source-path.js';

/** Sources whose lines are kept for each map. */
const KEPT_SOURCES = 16;

/** Names are shown to people, on one line. */
const LONGEST_NAME = 200;

/** A script with its map. */
export class MappedScript {
  readonly #map: SourceMap;
  readonly #folders: SourceFolders;
  /** The script's own. */
  readonly #lines: readonly string[];
  readonly #sources = new Map<number, readonly string[] | null>();

  /** @param script its text; '' where it is not known, and names can't be looked for */
  constructor(map: SourceMap, folders: SourceFolders, script: string) {
    this.#map = map;
    this.#folders = folders;
    this.#lines = script.split(/\r\n|[\r\n\u2028\u2029]/);
  }

  /** The places of positions; null for one that no source answers for. */
  places(positions: readonly Position[]): {
    failure: SymbolicationFailure | null;
    places: (Place | null)[];
  } {
    const stretches = positions.flatMap((position) => stretchesFor(this.#lines, position));
    const map = this.#map.within(stretches);
    let failure: SymbolicationFailure | null = null;
    const places = positions.map((position) => {
      const place = this.#place(map, position);
      if (place !== 'outside') return place;
      failure = place;
      return null;
    });
    return { failure, places };
  }

  #place(map: TraceMap, position: Position): Place | 'outside' | null {
    const found = traceSegment(map, position.line - 1, position.column - 1);
    const [, index, line, column] = found ?? [];
    if (index === undefined || line === undefined || column === undefined) return null;
    // A hostile map may say anything.
    if (!(line >= 0 && column >= 0)) return null;
    const resolved = sourceFile(this.#sourceName(index), this.#folders);
    if (resolved === 'outside') return resolved;
    const { file } = resolved;
    if (file === null) return null;
    return {
      file,
      line: line + 1,
      column: column + 1,
      function: this.#name(map, position),
      ignored: this.#map.ignored.has(index),
      context: this.#context(index, file, line + 1),
    };
  }

  #sourceName(index: number): string | null {
    const { sources, sourceRoot } = this.#map;
    const name = sources[index] ?? null;
    const isWhole = name === null || /^(?:\/|[a-z][\w+.-]+:)/i.test(name);
    return isWhole || sourceRoot === '' ? name : `${sourceRoot.replace(/\/$/, '')}/${name}`;
  }

  #name(map: TraceMap, position: Position): string | null {
    const nameAt = (line: number, column: number) => {
      const [at, , , , name] = traceSegment(map, line, column) ?? [];
      const found = at === column && name !== undefined ? this.#map.names[name] : undefined;
      return found === undefined || found.length > LONGEST_NAME ? null : found;
    };
    return (
      nameAtCall(this.#lines, position, nameAt) ?? nameAtDeclaration(this.#lines, position, nameAt)
    );
  }

  #context(index: number, file: string, line: number): SourceContext | null {
    let lines = this.#sources.get(index);
    if (lines === undefined) {
      lines = this.#linesOf(index, file);
      if (this.#sources.size >= KEPT_SOURCES) this.#sources.clear();
      this.#sources.set(index, lines);
    }
    return lines === null ? null : contextIn(lines, line);
  }

  #linesOf(index: number, file: string): readonly string[] | null {
    const content: unknown = this.#map.contents[index];
    if (typeof content === 'string') return content.split(/\r?\n/);
    return this.#folders.roots.some((root) => isReallyInside(root, file)) ? linesOf(file) : null;
  }
}
