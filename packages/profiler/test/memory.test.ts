/**
 * V8's profiles of an hour, without the hour: what is recorded goes with its window.
 *
 * @machine timed
 * @run once
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OverlappingProfiles } from '#src/inspector/inspector.js';
import { Windows } from '#src/inspector/windows.js';

/** Half windows of 10 s in an hour. */
const TURNS = 360;

/** By then V8 has compiled what there is, and malloc has what it needs. */
const WARM = 120;

/** As dense as V8 can: each window of 16 ms has some of the 2,000 samples that one of 20 s has. */
const INTERVAL_MS = 0.1;

const MB = 2 ** 20;

/** Work of many shapes, so that there are many stacks. */
function work(depth: number): number {
  return depth === 0 ? Math.sqrt(Math.random()) : work(depth - 1) + Math.cbrt(depth);
}

/** Without what is only garbage. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

test('memory is flat over an hour of windows', () => {
  const source = new OverlappingProfiles(INTERVAL_MS);
  const nowUs = () => Number(process.hrtime.bigint()) / 1000;
  const windows = new Windows(source, nowUs);
  let [warmBytes, warmHeapBytes] = [0, 0];
  let sliced = 0;
  for (let turn = 1; turn <= TURNS; turn++) {
    const startUs = nowUs();
    while (nowUs() - startUs < 8000) work(turn % 60);
    if (turn % 10 === 0 && windows.covering(startUs, nowUs()) !== null) sliced++;
    windows.turn();
    if (turn === WARM) [warmHeapBytes, warmBytes] = [heapBytes(), process.memoryUsage.rss()];
  }
  const heapMb = (heapBytes() - warmHeapBytes) / MB;
  const grownMb = (process.memoryUsage.rss() - warmBytes) / MB;
  windows.close();
  source.close();
  assert.equal(sliced, TURNS / 10);
  assert.ok(heapMb < 1, `${heapMb.toFixed(2)} MB more of JavaScript's heap`);
  assert.ok(grownMb < 8, `${grownMb.toFixed(1)} MB more in all`);
});
