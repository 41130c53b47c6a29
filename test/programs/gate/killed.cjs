/** A suite that has its watchdog killed half-way: `define(test)`. */
const { setTimeout: sleep } = require('node:timers/promises');
const { runInThisContext } = require('node:vm');

exports.define = (test) => {
  test('before', () => sleep(100));
  // Jest's tests have globals of their own.
  test('kills', () => runInThisContext('watchdog').terminate());
  test('afterwards', () => sleep(process.env.THEN === 'long' ? 300 : 1));
};
