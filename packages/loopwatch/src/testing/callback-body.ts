/** Test bodies that call back, as the gate wants them: as functions that return a promise. */

type Done = (error?: unknown) => void;

type Body = (this: unknown, done?: unknown) => unknown;

/** A body in the place of a test's, which is measured; runners look at its number of arguments. */
export function guardedBody(fn: Body, guard: (body: () => unknown) => unknown): Body {
  if (fn.length === 0) {
    return function (this: unknown) {
      return guard(() => fn.call(this));
    };
  }
  return function (this: unknown, done: unknown) {
    return runCallback((callback) => fn.call(this, callback), guard, done as Done);
  };
}

/**
 * Runs a body that takes `done` as its last argument, and calls `done` when the gate has its verdict.
 *
 * @param call calls the body
 * @param guard what measures it
 * @param done the runner's
 * @returns what the body returned, if it was called at once: runners refuse one that does both
 */
export function runCallback(
  call: (done: Done) => unknown,
  guard: (body: () => Promise<void>) => unknown,
  done: Done,
): unknown {
  let calls = 0;
  let returned: unknown;
  const body = () =>
    new Promise<void>((resolve, reject) => {
      returned = call((error) => {
        // The runner has its own opinion of those that call twice.
        if (calls++ > 0) done(error);
        else if (error) reject(error);
        else resolve();
      });
    });
  Promise.resolve(guard(body)).then(() => done(), done);
  return returned;
}
