/** Processes that the command line looks into, and whether they go on as if nothing had been. */
import assert from 'node:assert/strict';
import { anyPort, inspectorIsClosed, withoutInspector } from './cli.js';
import type { Scope } from './folder.js';
import { programPath } from './places.js';
import { unwatched } from './preload.js';
import { type Running, start } from './run.js';

export const PROGRAM = 'looked-into.mjs';

/** Long enough for a look on a machine that is busy. */
export const BLOCK_MS = 4000;

/** Starts it; its kind is what it does when it is told to. */
export async function program(
  scope: Scope,
  kind: string,
  flags = anyPort,
  ms = BLOCK_MS,
): Promise<Running> {
  const args = [programPath(PROGRAM), kind, String(ms)];
  const running = start(scope, args, { preload: unwatched, flags });
  await running.says('stdout', /^up$/m);
  return running;
}

/** Has it do what its kind says. */
export async function doing(scope: Scope, kind: string, ms = BLOCK_MS): Promise<Running> {
  const running = await program(scope, kind, anyPort, ms);
  running.tell('go');
  await running.says('stdout', /^goes on$/m);
  return running;
}

/** It answers, ends as always, has no open inspector, and has said nothing else. */
export async function assertUnharmed(running: Running): Promise<void> {
  running.tell('ping');
  // Comes when the block is over, after the loop has heard of the SIGUSR1 a second time.
  await running.says('stdout', /^pong$/m);
  await inspectorIsClosed(running);
  const ended = await running.endInput();
  assert.deepEqual([ended.code, ended.signal], [5, null], ended.stderr);
  assert.equal(withoutInspector(ended.stderr), '');
}
