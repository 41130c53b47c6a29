/** Many requests at once, a few of which block: those are blamed, and nobody else. */
import assert from 'node:assert/strict';
import { type Answer, type HttpProgram, saysBlocks, startHttp } from './exchange.js';
import type { Scope } from './folder.js';

const CLIENTS = 16;

/** Every how many requests one blocks. */
const EVERY = 50;

interface Mix {
  readonly requests: number;
  /** For how long each that blocks does so. */
  readonly blockMs: number;
}

/** Requests by some clients at once, of which every so many blocks. */
async function mixed(program: HttpProgram, { requests, blockMs }: Mix): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  async function client() {
    while (next < requests) {
      const number = ++next;
      const path = number % EVERY === 0 ? `/block/${blockMs}` : `/wait/${number % 7}`;
      const headers = { 'X-Request-Id': `${number}` };
      answers.push(await program.ask(path, { headers }));
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answers;
}

export async function assertNobodyInnocentBlamed(scope: Scope, mix: Mix): Promise<void> {
  const program = await startHttp(scope, ['frameworks.mjs', 'node'], { deadlineMs: 240_000 });
  const answers = await mixed(program, mix);
  const guilty = answers.filter(({ path }) => path.startsWith('/block'));
  assert.equal(guilty.length, mix.requests / EVERY);
  // On a busy machine some were the machine's fault.
  const blocks = await program.blocked(0.9 * guilty.length);
  const ids = new Set(guilty.map(({ headers }) => headers['x-request-id']));
  const blamed = blocks.flatMap(({ request }) => (request === null ? [] : [request.id]));
  assert.deepEqual(
    blamed.filter((id) => !ids.has(id ?? undefined)),
    [],
  );
  assert.equal(new Set(blamed).size, blamed.length);
  assert.ok(blamed.length >= 0.99 * blocks.length, `${blamed.length} of ${blocks.length} blamed`);
  const innocent = answers.filter((answer) => !guilty.includes(answer));
  assert.deepEqual(
    innocent.filter((answer) => saysBlocks(answer) > 0),
    [],
  );
  const told = guilty.filter((answer) => saysBlocks(answer) === 1);
  assert.ok(told.length >= 0.8 * blamed.length, `${told.length} of ${blamed.length} told`);
}
