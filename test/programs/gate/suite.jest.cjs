const { allowBlocking, measure, noBlocking } = require('loopwatch/jest');

/* global jest, test, describe, beforeAll, beforeEach, afterEach, afterAll */
const { define } = require('./cases.cjs');

define({
  ...{ test, describe, beforeAll, beforeEach, afterEach, afterAll },
  ...{ measure, allowBlocking, noBlocking },
  callback: test,
  concurrently: (body) => describe('at the same time', () => body(test.concurrent)),
  fake() {
    jest.useFakeTimers();
    return {
      advance: (ms) => jest.advanceTimersByTime(ms),
      restore: () => jest.useRealTimers(),
    };
  },
});
