/** V8's profiles of an hour, without the hour: what is recorded goes with its window. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OverlappingProfiles } from '#src/inspector.js';
import { Windows } from '#src/windows.js';

/** Half windows of 10 s in an hour. */
const TURNS = 360;

/** By then V8 has compiled what there is, and malloc has what it needs. */
const WARM = 120;

const MB = 2 ** 20;

/** Work of many shapes, so that there are many stacks. */
function work(depth: number): number {
  return depth === 0 ? Math.sqrt(Math.random()) : work(depth - 1) + Math.cbrt(depth);
}

test('memory is flat over an hour of windows', () => {
  const source = new OverlappingProfiles(1);
  const nowUs = () => Number(process.hrtime.bigint()) / 1000;
  const windows = new Windows(source, nowUs);
  let warmBytes = 0;
  let sliced = 0;
  for (let turn = 1; turn <= TURNS; turn++) {
    const startUs = nowUs();
    while (nowUs() - startUs < 8000) work(turn % 60);
    if (turn % 10 === 0 && windows.covering(startUs, nowUs()) !== null) sliced++;
    windows.turn();
    if (turn === WARM) warmBytes = process.memoryUsage.rss();
  }
  windows.close();
  source.close();
  const grownMb = (process.memoryUsage.rss() - warmBytes) / MB;
  assert.equal(sliced, TURNS / 10);
  assert.ok(grownMb < 16, `${grownMb.toFixed(1)} MB more`);
});
