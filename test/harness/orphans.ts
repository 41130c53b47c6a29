/** What processes leave in a journal when they are killed. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockRecord } from 'loopwatch';
import { blocking } from './block.js';
import type { Scope } from './folder.js';
import { filesIn } from './journal.js';
import { type RunOptions, start } from './run.js';
import { until } from './until.js';

/** A record that nobody has delivered, and its file. */
export interface Orphan {
  readonly name: string;
  readonly record: BlockRecord;
}

/** Kills a process in a block as soon as that is in the journal. */
export async function orphaned(scope: Scope, options: RunOptions = {}): Promise<Orphan> {
  const running = start(scope, blocking({ kind: 'wait', ms: 20_000 }), options);
  const { journalDir } = running;
  const isOwn = (name: string) => name.includes(`.${running.pid}.`) && name.endsWith('.json');
  const name = await until('a record in the journal', () => filesIn(journalDir).find(isOwn), {
    seen: () => running.shown(),
  });
  // Before it is killed: whoever else looks into this journal may then be there first.
  const record = JSON.parse(readFileSync(join(journalDir, name), 'utf8'));
  running.signal('SIGKILL');
  await running.ended;
  return { name, record };
}

/** A copy with an id of its own. */
export function another(journalDir: string, { name, record }: Orphan): Orphan {
  const id = randomBytes(16).toString('hex');
  const copy = { name: name.replace(record.id, id), record: { ...record, id } };
  writeFileSync(join(journalDir, copy.name), JSON.stringify(copy.record), { mode: 0o600 });
  return copy;
}
