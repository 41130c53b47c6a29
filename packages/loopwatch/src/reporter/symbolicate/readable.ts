/** A report as its readers get it. */
import type { BlockRecord } from '../../shared/record/record.js';
import { type Code, type ContextOf, contextFrom } from '../../shared/sources/source-context.js';
import { sourceContext } from '../../shared/sources/source-file.js';

/** A record, and the lines of code around its frames. */
export interface Readable {
  readonly record: BlockRecord;
  /** The code that a source map leads to. */
  readonly code: Readonly<Code>;
  readonly context: ContextOf;
}

/**
 * A record whose frames are in the source code. What only a map names is not read here: those who have
 * read the map know what may be.
 */
export function readable(record: BlockRecord, code: Readonly<Code>): Readable {
  return { record, code, context: contextFrom(code, sourceContext) };
}

/** The record as it is, its code read from the files that it names. */
export function unchanged(record: BlockRecord): Readable {
  return readable(record, {});
}
