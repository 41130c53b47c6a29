/** Closes the inspector that SIGUSR1 has opened, also one that opens only later. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nowMs } from '../../shared/clock.js';
import { type Facts, presence } from './facts.js';
import { type Inspector, isClosed } from './inspector.js';
import type { Target } from './target.js';

/**
 * SIGUSR1 asks Node twice to open the inspector, by an interrupt and by an event of the loop. Where the
 * loop did not turn meanwhile, the event is still to come, and would open what was closed: so what is
 * open is closed again in the first turns, the second of which has surely seen all events.
 */
const TURNS = 3;

/** How long the port is looked at, in ms: closing takes some 10. */
const CLOSED_MS = 2000;

const LOOK_EVERY_MS = 10;

const EXPRESSION = `(() => {
  const inspector = process.getBuiltinModule('node:inspector');
  const { setImmediate } = process.getBuiltinModule('node:timers');
  let turns = ${TURNS};
  const close = () => {
    if (turns-- > 0) setImmediate(close);
    if (inspector.url() !== undefined) inspector.close();
  };
  close();
})()
//# sourceURL=loopwatch:capture`;

/** The hidden command that stays behind for a process that does not answer. */
export const CLOSE_COMMAND = 'close-inspector';

async function closedInTime(facts: Facts, inspector: Inspector): Promise<boolean> {
  const untilMs = nowMs() + CLOSED_MS;
  for (;;) {
    if (presence(facts.pid) === null || (await isClosed(facts, inspector))) return true;
    if (nowMs() > untilMs) return false;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Closes the inspector; the answer never comes, since it would come through what is closed. */
export async function closeInspector(target: Target, inspector: Inspector): Promise<boolean> {
  target.release();
  if (inspector.wasOpen) {
    target.disconnect();
    return true;
  }
  target.main.evaluate(EXPRESSION, CLOSED_MS).catch(() => {});
  const closed = await closedInTime(target.facts, inspector);
  target.disconnect();
  return closed;
}

/** Leaves a process behind that closes the inspector when it can be; this one may end. */
export function closeLater(pid: number): void {
  const cli = fileURLToPath(new URL(import.meta.url));
  const child = spawn(process.execPath, [cli, CLOSE_COMMAND, String(pid)], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  // Without it the inspector stays open: that the process list shows.
  child.on('error', () => {});
  child.unref();
}
