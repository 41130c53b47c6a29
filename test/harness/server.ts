/** The server program: starting it, and asking it to block. */
import type { BlockRecord, UnconfirmedReason } from 'loopwatch';
import type { Scope } from './folder.js';
import { programPath } from './places.js';
import { type Running, type RunOptions, start } from './run.js';
import { until } from './until.js';

/** test/programs/server.mjs, up and listening. */
export interface Server {
  readonly running: Running;
  /** The answer to a request for a path, with its body read. */
  answer(path: string): Promise<Response>;
  /** Requests a path; resolves when the answer is there. */
  get(path: string): Promise<void>;
  /** The blocks in its handler that came over the channel so far; a slow start may be one, too. */
  blocks(): BlockRecord[];
  /** Waits until there are that many. */
  blocked(count: number): Promise<BlockRecord[]>;
  /** Ends it; the counts of late beats that were no blocks. */
  end(): Promise<Partial<Record<UnconfirmedReason, number>>>;
}

/** @param options a JavaScript expression, for start() */
export async function startServer(
  scope: Scope,
  { options, ...how }: RunOptions & { readonly options?: string } = {},
): Promise<Server> {
  const args = [programPath('server.mjs'), ...(options === undefined ? [] : [options])];
  const running = start(scope, args, how);
  const [, port] = await running.says('stdout', /^port (\d+)$/m);
  const blocks = () => {
    const lines = running.stdout.matchAll(/^block (.+)$/gm);
    return [...lines]
      .map(([, json]) => JSON.parse(json as string) as BlockRecord)
      .filter(({ culprit }) => culprit?.function === 'handle');
  };
  const answer = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    await response.arrayBuffer();
    return response;
  };
  return {
    running,
    blocks,
    answer,
    async get(path) {
      await answer(path);
    },
    async blocked(count) {
      return until(`${count} blocks`, () => blocks().length >= count && blocks(), {
        seen: () => running.shown(),
      });
    },
    async end() {
      await running.endInput();
      const [, counts] = await running.says('stdout', /^counts (.+)$/m);
      return JSON.parse(counts as string) as Partial<Record<UnconfirmedReason, number>>;
    },
  };
}
