// The task of piscina-blocks.mjs.
const cell = new Int32Array(new SharedArrayBuffer(4));

function resize(ms) {
  if (ms > 0) Atomics.wait(cell, 0, 0, ms); // culprit
}

export default function task(ms) {
  resize(ms);
}
