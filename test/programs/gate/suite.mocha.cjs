const { install } = require('@sinonjs/fake-timers');
const { allowBlocking, measure, noBlocking } = require('loopwatch/mocha');

/* global it, describe, before, beforeEach, afterEach, after */
const { define } = require('./cases.cjs');

define({
  ...{ describe, beforeEach, afterEach, measure, allowBlocking, noBlocking },
  test: it,
  beforeAll: before,
  afterAll: after,
  callback: (name, body) => it(name, (done) => body(done)),
  retried: (name, body) => it(name, body).retries(1),
  fake() {
    const clock = install();
    return { advance: (ms) => clock.tick(ms), restore: () => clock.uninstall() };
  },
});
