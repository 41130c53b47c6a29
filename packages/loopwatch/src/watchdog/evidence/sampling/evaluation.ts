/** What a thread is asked to evaluate on top of whatever runs: its prepared function. */

/** Always the same text: V8 compiles it once. */
const EXPRESSION = `globalThis[Symbol.for('loopwatch')]?.snapshot?.()\n//# sourceURL=loopwatch:capture`;

/** The parameters of an evaluation that must not disturb whoever debugs the program. */
export function evaluation(): object {
  // Without breaks: a step or a pause of theirs must not end up in our function.
  return { expression: EXPRESSION, silent: true, returnByValue: true, disableBreaks: true };
}
