/** Following a function to its end, whether that comes with its return or with its promise. */

/** The `then` of a promise, or of anything that passes for one; read once, as `await` does. */
export function thenOf(value: unknown): PromiseLike<unknown>['then'] | null {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return null;
  const found = (value as Partial<PromiseLike<unknown>>).then;
  return typeof found === 'function' ? found : null;
}

/**
 * Calls `fn`, and `done` once when it has thrown, returned, or its promise has settled. A promise
 * comes back as one that settles in the same way, so that a rejection which nobody handles stays one.
 */
export function onSettled<T>(fn: () => T, done: () => void): T {
  let over = false;
  const end = () => {
    if (!over) done();
    over = true;
  };
  let settling = false;
  try {
    const result = fn();
    const whenSettled = thenOf(result);
    if (whenSettled === null) return result;
    const settled = whenSettled.call(
      result as PromiseLike<unknown>,
      (value) => {
        end();
        return value;
      },
      (error: unknown) => {
        end();
        throw error;
      },
    );
    settling = true;
    return settled as T;
  } finally {
    // Returned, thrown, or a promise whose `then` threw: nothing more will come.
    if (!settling) end();
  }
}
