/** What is reported, journalled and delivered: blocks, and clients that were found dead. */
import type { DeadClient } from './dead-client.js';
import type { BlockRecord } from './record.js';

/** One report; `kind` tells which. */
export type Reported = BlockRecord | DeadClient;

/** Whether it is the last that will be heard of it: only a hang is told of before its end. */
export function isEnded(record: Reported): boolean {
  return record.kind === 'dead-client' || record.ended;
}
