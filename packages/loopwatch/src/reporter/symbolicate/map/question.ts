/** What the reporter asks its pool about one script, and what it is answered. */

import type { SymbolicationFailure } from '../../../shared/memory/symbolication-failures.js';
import type { MapLink } from '../../../shared/sources/map-link.js';
import type { SourceContext } from '../../../shared/sources/source-context.js';

/** A place in a script, as V8 gives it. Lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** The function's name in the script. */
  readonly function: string | null;
  /** Where the same script called it; null where something else did. */
  readonly call: { readonly line: number; readonly column: number } | null;
}

export interface Question {
  /** An absolute path. */
  readonly script: string;
  /** Null for a script that only exists in memory. */
  readonly link: MapLink | null;
  /** The source map's JSON in UTF-8, where the program's own thread had to be asked for it. */
  readonly memory: Uint8Array | null;
  /** The folders that the program is in: nothing outside of them is named or read. */
  readonly roots: readonly string[];
  readonly positions: readonly Position[];
}

/** A place in the source code. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Null where only the script's own name is known. */
  readonly function: string | null;
  /** Whether the map says that it is others' code (`ignoreList`). */
  readonly ignored: boolean;
  readonly context: SourceContext | null;
}

export interface Answer {
  /** Why there is no map; null when there is one. */
  readonly failure: SymbolicationFailure | null;
  /** For each position; null for one that is not in the map. */
  readonly places: readonly (Place | null)[];
}

/** A source map that can't be used, with the reason that is counted. */
export class MapFailure extends Error {
  readonly reason: SymbolicationFailure;

  constructor(reason: SymbolicationFailure) {
    super(reason);
    this.reason = reason;
  }
}
