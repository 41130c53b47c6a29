/** Results of test bodies that begin their work when somebody asks for them. */
import { thenOf } from '../main/host/settled.js';

/**
 * What only begins when somebody asks for its result (a request of supertest, a query of knex) begins as a
 * part of the test.
 */
export function adopted<T>(result: T): T | Promise<Awaited<T>> {
  const then = thenOf(result);
  if (then === null || then === Promise.prototype.then) return result;
  return new Promise((resolve, reject) => {
    then.call(result as PromiseLike<unknown>, resolve as (value: unknown) => void, reject);
  });
}
