/** Reports with the places of their frames in the source code, or as they were. */
import { nowMs } from '../../shared/clock.js';
import type { SymbolicationFailure } from '../../shared/memory/symbolication-failures.js';
import type { BlockRecord } from '../../shared/record/record.js';
import {
  type MappedScript,
  mappedScripts,
  type Stacks,
} from '../../shared/sources/mapped-scripts.js';
import { type Code, codeKey } from '../../shared/sources/source-context.js';
import { keyOf, positionsIn, symbolicated } from './frames.js';
import { isReallyInside, projectFolders } from './map/folders.js';
import type { Answer, Place, Position, Question } from './map/question.js';
import { type Readable, readable, unchanged } from './readable.js';

/** A bundle of what a compiler made is two steps from its source; a map may also lead in a circle. */
const MOST_STEPS = 3;

/** How long a script whose map could not be used is left alone, in ms. It may be deployed again. */
const RETRY_MS = 60_000;

/** Scripts of which that is known. */
const KEPT_FAILURES = 100;

/** Places kept, each with eleven lines of at most 200 characters: 4 MB at most. */
const KEPT_PLACES = 2000;

/** What a symbolicator needs of those around it. */
export interface Sources {
  /** Reads a script's map. Never rejects. */
  ask(question: Question): Promise<Answer>;
  /** The map that the program's own thread has of a file; null where it has none. Never rejects. */
  mapInMemory(file: string): Promise<Uint8Array | null>;
  /** Counts a script whose frames stay as they were. */
  failed(why: SymbolicationFailure): void;
}

/** Whether a file that a map has named is really in the folders of the program. */
function isOfProgram(file: string): boolean {
  return projectFolders(file).some((folder) => isReallyInside(folder, file));
}

/** Looks up places, and keeps them. */
export class Symbolicator {
  readonly #sources: Sources;
  /** By version of the script and position. Latest last. */
  readonly #kept = new Map<string, Place | null>();
  /** By version of the script. Latest last. */
  readonly #failures = new Map<
    string,
    { readonly why: SymbolicationFailure; readonly untilMs: number }
  >();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Rejects only where there is no working directory. */
  async symbolicate(record: BlockRecord): Promise<Readable> {
    const code: Code = {};
    const found = await this.lead(record, code);
    return found === record ? unchanged(record) : readable(found, code);
  }

  /**
   * Leads stacks to their sources, and adds to `code` what is around their places.
   *
   * @returns the same object where there is nothing to lead
   */
  async lead<R extends Stacks>(record: R, code: Code): Promise<R> {
    const seen = new Set<string>();
    let scripts = mappedScripts(record);
    let current = record;
    for (let step = 0; step < MOST_STEPS && scripts.length > 0; step++) {
      current = await this.#step(current, scripts, code);
      for (const { script } of scripts) seen.add(script);
      scripts = mappedScripts(current).filter(({ script, link }) => {
        return link !== null && !seen.has(script) && isOfProgram(script);
      });
    }
    return current;
  }

  /** Leads a record through the maps of some scripts, and adds to `code` what they say. */
  async #step<R extends Stacks>(
    record: R,
    scripts: readonly MappedScript[],
    code: Code,
  ): Promise<R> {
    const places = new Map<string, Place | null>();
    await Promise.all(
      scripts.map((mapped) => this.#placesIn(mapped, positionsIn(record, mapped.script), places)),
    );
    if (places.size === 0) return record;
    for (const place of places.values()) {
      if (place !== null) code[codeKey(place.file, place.line)] = place.context;
    }
    return symbolicated(record, places);
  }

  async #placesIn(
    { script, link }: MappedScript,
    positions: readonly Position[],
    places: Map<string, Place | null>,
  ): Promise<void> {
    // What is only in memory may be replaced there, and nobody would know.
    const keyFor = (position: Position) => `${link?.stamp} ${keyOf(script, position)}`;
    const unknown = positions.filter((position) => {
      const place = link === null ? undefined : this.#kept.get(keyFor(position));
      if (place === undefined) return true;
      places.set(keyOf(script, position), place);
      return false;
    });
    if (unknown.length === 0) return;
    const version = `${link?.stamp} ${script}`;
    const before = this.#failures.get(version);
    if (before !== undefined && nowMs() < before.untilMs) {
      this.#sources.failed(before.why);
      return;
    }
    const memory = link === null ? await this.#sources.mapInMemory(script) : null;
    // Node can run TypeScript as it is: then there is no map, and nothing has moved.
    if (link === null && memory === null) return;
    const roots = projectFolders(script);
    const question = { script, link, memory, roots, positions: unknown };
    const { failure, places: found } = await this.#sources.ask(question);
    if (failure !== null) this.#sources.failed(failure);
    if (failure !== null && found.length === 0) this.#giveUp(version, failure);
    for (const [index, position] of unknown.entries()) {
      const place = found[index];
      if (place === undefined) continue;
      places.set(keyOf(script, position), place);
      if (failure === null && link !== null) this.#keep(keyFor(position), place);
    }
  }

  /** Reading it again for each report would cost as much again. */
  #giveUp(version: string, why: SymbolicationFailure): void {
    if (why === 'busy') return;
    this.#failures.delete(version);
    this.#failures.set(version, { why, untilMs: nowMs() + RETRY_MS });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > KEPT_FAILURES && oldest !== undefined) this.#failures.delete(oldest);
  }

  #keep(key: string, place: Place | null): void {
    this.#kept.set(key, place);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_PLACES && oldest !== undefined) this.#kept.delete(oldest);
  }
}
