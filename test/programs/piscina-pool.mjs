// A piscina pool that does some work.
import { Piscina } from 'piscina';

const pool = new Piscina({
  filename: new URL('piscina-task.mjs', import.meta.url).href,
  minThreads: 2,
  maxThreads: 2,
});
const squares = await Promise.all(Array.from({ length: 20 }, (_, n) => pool.run(n)));
console.log(squares.join(' '));
await pool.destroy();
