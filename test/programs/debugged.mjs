/**
 * Something to debug: takes an order every 20 ms until standard input ends, and then blocks for 400 ms
 * once more. `run(name, ms)`, for the debugger, blocks in a turn of its own and prints
 * `<name> begins` and `<name> ends`. Prints `ready`, and `unconfirmed <event>` for late beats.
 */
import { subscribe } from 'node:diagnostics_channel';
import { onceUp } from './lib/watchdog-up.cjs';

const ORDER_MS = 20;
const LAST_MS = 400;

const cell = new Int32Array(new SharedArrayBuffer(4));

function priced(item) {
  const cents = item.length * 25; // line: priced
  return cents;
}

function order() {
  const item = 'teapot'; // line: order
  const name = item.toUpperCase();
  const words = [name];
  const text = words.join();
  const price = priced(item); // line: call
  return { text, price }; // line: after
}

function spin(ms) {
  const end = Date.now() + ms;
  while (Date.now() < end); // line: spin
}

/** Asleep, so that no busy machine can make it something else than a block. */
function grind(ms) {
  Atomics.wait(cell, 0, 0, ms); // line: grind
}

/** Asleep, too. */
function last(ms) {
  Atomics.wait(cell, 0, 0, ms); // line: last
}

const work = { spin, grind };

globalThis.run = (name, ms) => {
  setTimeout(() => {
    console.log(`${name} begins`);
    work[name](ms);
    console.log(`${name} ends`);
  });
};

subscribe('loopwatch:unconfirmed', (event) => console.log('unconfirmed', JSON.stringify(event)));

const orders = setInterval(order, ORDER_MS);
process.stdin.resume().on('end', () => {
  clearInterval(orders);
  // A turn of its own: how the end of the input is found out is Node's business.
  setTimeout(last, ORDER_MS, LAST_MS);
});
onceUp(250, () => console.log('ready'));
