// The task of piscina-pool.mjs.
export default function square(n) {
  return n * n;
}
