/** Test bodies that call back, as the gate wants them: as functions that return a promise. */

type Done = (error?: unknown) => void;

/**
 * Runs a body that takes `done` as its last argument, and calls `done` when the gate has its verdict.
 *
 * @param call calls the body
 * @param guard what measures it
 * @param done the runner's
 */
export function runCallback(
  call: (done: Done) => unknown,
  guard: (body: () => Promise<void>) => unknown,
  done: Done,
): void {
  let calls = 0;
  const body = () =>
    new Promise<void>((resolve, reject) => {
      call((error) => {
        // The runner has its own opinion of those that call twice.
        if (calls++ > 0) done(error);
        else if (error) reject(error);
        else resolve();
      });
    });
  Promise.resolve(guard(body)).then(() => done(), done);
}
