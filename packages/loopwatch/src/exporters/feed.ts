/** What main hears of blocks, for those who export it from there. */
import { subscribe } from 'node:diagnostics_channel';
import { countedRequests, readings } from '../main/api.js';
import { type Family, families } from '../shared/metrics/metric-families.js';
import { Metrics } from '../shared/metrics/metrics.js';
import { DEAD_CLIENT_CHANNEL, deadClientFrom } from '../shared/record/dead-client.js';
import type { BlockRecord, Unconfirmed } from '../shared/record/record.js';

/** Calls a listener with every record from now on: blocks and hangs, those that last included. */
export function onEveryBlock(listener: (record: BlockRecord) => void): void {
  const heard = (message: unknown) => listener(message as BlockRecord);
  subscribe('loopwatch:block', heard);
  subscribe('loopwatch:hang', heard);
}

let counted: Metrics | undefined;

/** The numbers of this thread, counted from the first call on. */
function countedMetrics(): Metrics {
  if (counted !== undefined) return counted;
  const metrics = new Metrics();
  onEveryBlock((record) => metrics.addBlock(record));
  subscribe('loopwatch:unconfirmed', (event) => metrics.addUnconfirmed(event as Unconfirmed));
  subscribe(DEAD_CLIENT_CHANNEL, (message) => {
    const client = deadClientFrom(message);
    if (client !== null) metrics.addDeadClient(client);
  });
  counted = metrics;
  return metrics;
}

/** All metrics as they are now. */
export function currentFamilies(): Family[] {
  return families(countedMetrics().totals(), readings(), countedRequests() ?? []);
}
