/**
 * Blocks twice and says as JSON what onBlock, the channel and blocks() told about it. A second
 * listener throws, a third rejects; a fourth is removed before anything blocks.
 */
import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { blocks, onBlock, start } from 'loopwatch';
import { up } from './lib/watchdog-up.cjs';

const cell = new Int32Array(new SharedArrayBuffer(4));
const said = { heard: [], published: [], removed: 0 };

start();
onBlock((record) => said.heard.push(record));
onBlock(() => {
  throw new Error('a listener threw');
});
onBlock(async () => {
  throw new Error('a listener rejected');
});
const remove = onBlock(() => said.removed++);
remove();
remove();
subscribe('loopwatch:block', (record) => said.published.push(record));

for (const _ of [1, 2]) {
  await up(600);
  Atomics.wait(cell, 0, 0, 600);
}
const end = performance.now() + 10_000;
while (said.heard.length < 2 && performance.now() < end) await sleep(20);
said.kept = blocks();
console.log(JSON.stringify(said));
