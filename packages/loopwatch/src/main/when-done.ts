/** Following a function to its end, whether that comes with its return or with its promise. */

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/**
 * Calls `fn`, and `done` once when it has thrown, returned, or its promise has settled. A promise
 * comes back as one that settles in the same way, so that a rejection which nobody handles stays one.
 */
export function whenDone<T>(fn: () => T, done: () => void): T {
  let result: T;
  try {
    result = fn();
  } catch (error) {
    done();
    throw error;
  }
  if (!isThenable(result)) {
    done();
    return result;
  }
  const settled = result.then(
    (value) => {
      done();
      return value;
    },
    (error: unknown) => {
      done();
      throw error;
    },
  );
  return settled as T;
}
