/**
 * A dependency blocks for 400 ms, 250 ms after the start: `node dependency.mjs <kind> <folder>`, where
 * it is a `listener` of ours or has a `timer` of its own. The folder is an empty one.
 */
import { EventEmitter } from 'node:events';
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { measured, now } from '../lib/clock.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const BLOCK_MS = 400;
const DELAY_MS = 250;

const [, , kind, folder] = process.argv;

// Git leaves node_modules out, so that it is kept elsewhere.
cpSync(new URL('deps', import.meta.url), join(folder, 'node_modules'), { recursive: true });
const library = createRequire(join(folder, 'app.cjs'))('listener-lib');

const shop = new EventEmitter();

function placeOrder() {
  const started = now();
  shop.emit('order', BLOCK_MS); // culprit: listener
  console.log(measured(started));
}

if (kind === 'listener') {
  library.listen(shop);
  onceUp(DELAY_MS, placeOrder);
} else {
  onceUp(0, () =>
    library.later(DELAY_MS, BLOCK_MS, (startedMs) => {
      // It took what it took; the CPU time before it is next to none.
      const { ms } = now();
      console.log(`measured ${ms - startedMs}`);
    }),
  );
}
