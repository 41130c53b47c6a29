/** Processes that the command line looks into, and whether they go on as if nothing had been. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anyPort, inspectorIsClosed, withoutInspector } from './cli.js';
import { type Scope, temporaryFolder } from './folder.js';
import { programPath } from './places.js';
import { unwatched } from './preload.js';
import { type Running, start } from './run.js';

export const PROGRAM = 'looked-into.mjs';

/** Long enough for a look on a machine that is busy. */
export const BLOCK_MS = 6000;

/** What computes is told when the look is over, so that it can be given more time. */
const COMPUTES_MS = 15_000;

/** The file that ends the computing of each. */
const ends = new WeakMap<Running, string>();

/** Starts it; its kind is what it does when it is told to. */
export async function program(scope: Scope, kind: string, flags = anyPort): Promise<Running> {
  const enough = join(temporaryFolder(scope), 'enough');
  const ms = kind === 'exec' ? BLOCK_MS : COMPUTES_MS;
  const args = [programPath(PROGRAM), kind, String(ms), enough];
  const running = start(scope, args, { preload: unwatched, flags });
  ends.set(running, enough);
  await running.says('stdout', /^up$/m);
  return running;
}

/** Has it do what its kind says. */
export async function doing(scope: Scope, kind: string): Promise<Running> {
  const running = await program(scope, kind);
  running.tell('go');
  await running.says('stdout', /^goes on$/m);
  return running;
}

/** Nobody looks any more: it answers once its block is over. */
export async function assertAnswers(running: Running): Promise<void> {
  const enough = ends.get(running);
  if (enough !== undefined) writeFileSync(enough, '');
  running.tell('ping');
  await running.says('stdout', /^pong$/m);
}

/** It answers, ends as always, has no open inspector, and has said nothing else. */
export async function assertUnharmed(running: Running): Promise<void> {
  // It does so after the loop has heard of the SIGUSR1 a second time.
  await assertAnswers(running);
  await inspectorIsClosed(running);
  const ended = await running.endInput();
  assert.deepEqual([ended.code, ended.signal], [5, null], ended.stderr);
  assert.equal(withoutInspector(ended.stderr), '');
}
