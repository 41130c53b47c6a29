/** A suite that has its watchdog killed half-way: `define(test)`. */
const { setTimeout: sleep } = require('node:timers/promises');

exports.define = (test) => {
  test('before', () => sleep(100));
  test('kills', () => globalThis.watchdog.terminate());
  test('afterwards', () => sleep(process.env.THEN === 'long' ? 300 : 1));
};
