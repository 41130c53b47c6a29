/** What helps against everything that computes. */
import type { Link } from './advice.js';

export const POOL = `// work.js: runs on a thread of its own
export default function work(input) {
  return compute(input);
}

// app.js
import { Piscina } from 'piscina';

const pool = new Piscina({ filename: new URL('./work.js', import.meta.url).href });
const result = await pool.run(input);`;

export const POOL_LINK: Link = {
  title: 'Piscina, a pool of worker threads',
  url: 'https://github.com/piscinajs/piscina',
};
