// A piscina pool of which one task blocks.
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';

const pool = new Piscina({
  filename: new URL('piscina-blocks-task.mjs', import.meta.url).href,
  minThreads: 2,
  maxThreads: 2,
});
await Promise.all(Array.from({ length: 4 }, () => pool.run(0)));
await sleep(300);
await pool.run(500);
await sleep(300);
await pool.destroy();
