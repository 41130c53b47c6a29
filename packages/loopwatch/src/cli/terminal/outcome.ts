/** How a command ends: its exit code, and the error that means "this could not be done". */

/**
 * - 0: done, and nothing found.
 * - 1: done, and found something, or not all of it worked, as each command says of itself.
 * - 2: not done: a mistake in the command line, or a process that can't be reached.
 */
export const Exit = { fine: 0, found: 1, unusable: 2 } as const;

/** A command that can't do what it was asked for: one line on stderr, exit code 2. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}
