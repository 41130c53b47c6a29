/** What loopwatch does on the program's thread unasked: whatever goes wrong in it, the program goes on. */
import { messageOf } from '../../shared/errors.js';
import { notice } from '../../shared/notice.js';

/**
 * A function that says in one line what the given one throws. A program may have replaced what we
 * build on (a stub on `Array.prototype` that throws, say), and must not end because of us.
 */
export function swallowErrors<T>(fn: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      fn(value);
    } catch (error) {
      notice(`something went wrong in the watched thread: ${messageOf(error)}`);
    }
  };
}
