/**
 * What the demo asks of the shop, and what loopwatch must say about it. The expected lines are the
 * ones below the marker comments in the shop's own sources.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ToolError } from '../lib/program.mjs';

const marker = '// demo: blocks here';

/** About 30 MB of JSON, which takes a quarter of a second and more to parse. */
const importedOrders = 400_000;

/** Long and almost plain words: the regular expression tries some 30 million ways to read it. */
const question = 'waterproof battery powered lamps?';

/** What shoppers do all the time; nothing of it blocks. */
export const healthyPaths = ['/products', '/products/3', '/search?q=lamp', '/products/5'];

/**
 * @typedef {object} Scenario
 * @property {string} title
 * @property {Call} call
 * @property {Expected} expected
 *
 * @typedef {{ method: string, path: string, body?: string }} Call
 *
 * @typedef {object} Expected what the block record must hold
 * @property {string} method
 * @property {string} route
 * @property {string} function
 * @property {string} file absolute path
 * @property {number} line
 */

/** @returns {Scenario[]} */
export function scenarios() {
  return [
    {
      title: 'a regular expression that backtracks',
      call: { method: 'GET', path: `/search?q=${encodeURIComponent(question)}` },
      expected: expected('GET', '/search', 'searchProducts', 'search.mjs'),
    },
    {
      title: 'JSON.parse of a large body',
      call: { method: 'POST', path: '/orders/import', body: ordersJson(importedOrders) },
      expected: expected('POST', '/orders/import', 'importOrders', 'orders.mjs'),
    },
    {
      title: 'a synchronous child process',
      call: { method: 'POST', path: '/products/3/thumbnail' },
      expected: expected('POST', '/products/:id/thumbnail', 'renderThumbnail', 'thumbnails.mjs'),
    },
  ];
}

/**
 * @param {string} source
 * @returns {number} the line below the marker, from 1
 * @throws {ToolError} unless there is exactly one marker
 */
export function lineBelowMarker(source) {
  const lines = source.split('\n').map((line) => line.trim());
  const index = lines.indexOf(marker);
  if (index === -1 || index !== lines.lastIndexOf(marker)) {
    throw new ToolError(`expected exactly one line '${marker}'`);
  }
  return index + 2;
}

function expected(method, route, name, module) {
  const file = fileURLToPath(new URL(`shop/${module}`, import.meta.url));
  return { method, route, function: name, file, line: lineBelowMarker(readFileSync(file, 'utf8')) };
}

function ordersJson(count) {
  const orders = Array.from({ length: count }, (_, id) => {
    return { id, customer: `customer ${id % 997}`, item: `${id % 6}`, quantity: 2, price: 39.9 };
  });
  return JSON.stringify(orders);
}
