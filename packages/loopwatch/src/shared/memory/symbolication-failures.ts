/** Why the frames of a report stayed as V8 gave them: counted, since nobody is told otherwise. */

/**
 * `missing`: no file where the script says that its map is. `outside`: the script names a map, or the
 * map a source, that is not in the program's own folders. `too-large`: more than can be read in bounded
 * memory. `invalid`: no source map. `mismatch`: another build's, by the debug ids. `timeout`: it took too
 * long, or the process exited. `busy`: too many reports at once. `failed`: the pool could not work.
 */
export const SYMBOLICATION_FAILURES = [
  ...(['missing', 'outside', 'too-large', 'invalid'] as const),
  ...(['mismatch', 'timeout', 'busy', 'failed'] as const),
] as const;

export type SymbolicationFailure = (typeof SYMBOLICATION_FAILURES)[number];
