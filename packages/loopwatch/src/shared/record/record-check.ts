/** Whether something read from a disk is a record: half of one, or another version's, must harm nobody. */

import { type Check, fields, flag, list, number, oneOf, orNull, text } from './checks.js';
import type { DeadClient } from './dead-client.js';
import { type BlockRecord, SCHEMA, type Unconfirmed } from './record.js';

const place = {
  function: orNull(text),
  file: orNull(text),
  line: orNull(number),
  column: orNull(number),
};

const stack = fields({
  count: number,
  frames: list(fields({ ...place, inApp: flag, async: flag }), 1000),
});

const id: Check = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
const date: Check = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));

const process = fields({ pid: number, node: text, host: text, uptimeMs: number });

const deadClient = fields({
  kind: oneOf('dead-client'),
  id,
  detectedAt: date,
  cause: text,
  message: text,
  process,
  previousProcess: flag,
});

const block = fields({
  schema: (value) => value === SCHEMA,
  id,
  kind: oneOf('block', 'hang', 'cumulative'),
  startedAt: date,
  durationMs: number,
  thresholdMs: number,
  ended: flag,
  cause: oneOf('javascript', 'native', 'sync-io', 'gc', 'module-load', 'unknown'),
  thread: fields({ id: number, name: text }),
  culprit: orNull(
    fields({ ...place, package: orNull(text), precision: oneOf('exact', 'caller', 'none') }),
  ),
  samples: fields({ count: number, stacks: list(stack, 1000) }),
  invoker: text,
  request: orNull(
    fields({
      id: orNull(text),
      method: orNull(text),
      route: orNull(text),
      path: orNull(text),
      startedAt: text,
    }),
  ),
  delayed: orNull(fields({ requests: number })),
  trace: orNull(fields({ traceId: text, spanId: text })),
  gc: orNull(fields({ count: number, ms: number })),
  cpu: orNull(fields({ userMs: number, systemMs: number, state: orNull(text) })),
  process,
  // Missing in early records.
  profile: (value) => value === undefined || orNull(text)(value),
  previousProcess: flag,
  scope: orNull(text),
  suppressed: number,
});

const unconfirmed = fields({
  reason: oneOf('suspended', 'starved', 'debugger', 'paused', 'exiting'),
  durationMs: number,
  thread: fields({ id: number, name: text }),
});

/** Whether it has all that a record of this schema has. */
export function isRecord(value: unknown): value is BlockRecord {
  return block(value);
}

/** Whether it is a late beat that was no block, as the log has them. */
export function isUnconfirmed(value: unknown): value is Unconfirmed {
  return unconfirmed(value);
}

/** Whether it is a dead client, as the journal has them. */
export function isDeadClient(value: unknown): value is DeadClient {
  return deadClient(value);
}
