/* global jest, test */
jest.retryTimes(1);

let tries = 0;

test('blocks at first', async () => {
  if (tries++ > 0) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
});
