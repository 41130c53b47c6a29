/** Shoppers who use the shop all the time, and in between the calls that block it. */
import { setTimeout as passes } from 'node:timers/promises';
import { ToolError } from '../lib/program.mjs';

/** How many there are: each has one request on its way, or thinks. */
const shoppers = 8;

/** At most; not always the same, since shoppers who were held up together would stay in step. */
const thinkingMs = 12;

/** Before, between and after the blocking calls; enough for the shop to be its usual self again. */
const quietMs = 700;

/**
 * @typedef {object} Traffic
 * @property {number[]} healthyMs how long each healthy request took
 * @property {string[]} failures requests that were not answered with success
 */

/**
 * @param {string} origin of the shop
 * @param {{ healthyPaths: string[], calls: import('./scenarios.mjs').Call[] }} plan
 * @param {AbortSignal} signal
 * @returns {Promise<Traffic>}
 */
export async function sendTraffic(origin, { healthyPaths, calls }, signal) {
  const traffic = { healthyMs: [], failures: [] };
  let open = true;

  async function send(call) {
    const status = await statusOf(call, origin, signal);
    if (status >= 400) traffic.failures.push(`${call.method} ${call.path} was answered ${status}`);
  }

  async function shop(from) {
    for (let visit = from; open; visit++) {
      const path = healthyPaths[visit % healthyPaths.length];
      const started = performance.now();
      await send({ method: 'GET', path });
      traffic.healthyMs.push(performance.now() - started);
      await passes(Math.random() * thinkingMs);
    }
  }

  async function block() {
    for (const call of calls) {
      await passes(quietMs, undefined, { signal });
      await send(call);
    }
    await passes(quietMs, undefined, { signal });
  }

  const close = () => {
    open = false;
  };
  const shoppersDone = Array.from({ length: shoppers }, (_, from) => shop(from).finally(close));
  await Promise.all([block().finally(close), ...shoppersDone]);
  return traffic;
}

/** Sends one request and takes the whole answer. */
async function statusOf({ method, path, body }, origin, signal) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  try {
    const response = await fetch(new URL(path, origin), { method, headers, body, signal });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    throw new ToolError(`${method} ${path} had no answer: ${error.cause?.message ?? error}`);
  }
}
