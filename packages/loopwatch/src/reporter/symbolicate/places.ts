/** Positions in a script to places in its sources, by a map that is read already. */
import { type TraceMap, traceSegment } from '@jridgewell/trace-mapping';
import { contextIn, type SourceContext } from '../../shared/source-context.js';
import { linesOf } from '../source-context.js';
import { isReallyInside } from './folders.js';
import { nameAtCall, nameAtDeclaration } from './names.js';
import { MapFailure, type Place, type Position } from './question.js';
import { type SourceFolders, sourceFile } from './source-path.js';

/** Sources whose lines are kept for each map. */
const KEPT_SOURCES = 16;

/** Names are shown to people, on one line. */
const LONGEST_NAME = 200;

/** A script with its map. */
export class MappedScript {
  readonly #map: TraceMap;
  readonly #folders: SourceFolders;
  /** The script's own. */
  readonly #lines: readonly string[];
  readonly #sources = new Map<number, readonly string[] | null>();

  /** @param script its text; '' where it is not known, and names can't be looked for */
  constructor(map: TraceMap, folders: SourceFolders, script: string) {
    this.#map = map;
    this.#folders = folders;
    this.#lines = script.split(/\r\n|[\r\n\u2028\u2029]/);
  }

  /**
   * The place of a position; null for one that no source answers for.
   *
   * @throws MapFailure `outside`
   */
  place(position: Position): Place | null {
    const [, index, line, column] =
      traceSegment(this.#map, position.line - 1, position.column - 1) ?? [];
    if (index === undefined || line === undefined || column === undefined) return null;
    // A hostile map may say anything.
    if (!(line >= 0 && column >= 0)) return null;
    const resolved = sourceFile(this.#sourceName(index), this.#folders);
    if (resolved === 'outside') throw new MapFailure('outside');
    const { file } = resolved;
    if (file === null) return null;
    return {
      file,
      line: line + 1,
      column: column + 1,
      function: this.#name(position),
      ignored: this.#map.ignoreList?.includes(index) ?? false,
      context: this.#context(index, file, line + 1),
    };
  }

  /** As the map has it: resolving it as a URL would lose what bundlers mean by it. */
  #sourceName(index: number): string | null {
    const { sources, sourceRoot } = this.#map;
    const name = sources[index] ?? null;
    const isWhole = name === null || /^(?:\/|[a-z][\w+.-]+:)/i.test(name);
    return isWhole || !sourceRoot ? name : `${sourceRoot.replace(/\/$/, '')}/${name}`;
  }

  #name(position: Position): string | null {
    const nameAt = (line: number, column: number) => {
      const [at, , , , name] = traceSegment(this.#map, line, column) ?? [];
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
    const content: unknown = this.#map.sourcesContent?.[index];
    if (typeof content === 'string') return content.split(/\r?\n/);
    return this.#folders.roots.some((root) => isReallyInside(root, file)) ? linesOf(file) : null;
  }
}
