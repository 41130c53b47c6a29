/** What a command under `loopwatch run` left for the sum: its tally, and what is in the journal of the dead. */
import { readFileSync } from 'node:fs';
import { JournalFolder } from '../../shared/journal/journal-folder.js';
import { blockLine, type TallyLine } from '../../shared/journal/tally.js';
import type { BlockRecord } from '../../shared/record/record.js';

export type Found = Omit<BlockRecord, 'samples'>;

/** What was seen of a command. */
export interface Tally {
  /** The watched processes; none where nothing of the command was Node.js. */
  readonly processes: readonly number[];
  /** Each once, as it was known last. */
  readonly blocks: readonly Found[];
}

function linesOf(text: string): TallyLine[] {
  return text.split('\n').flatMap((line) => {
    try {
      return JSON.parse(line) as TallyLine;
    } catch {
      // Cut off by a kill.
      return [];
    }
  });
}

/** The turns in which processes of the tally were killed: nobody could report them. */
function left(journalDir: string, processes: ReadonlySet<number>): TallyLine[] {
  const journal = new JournalFolder(journalDir);
  return journal.list().flatMap(({ name }) => {
    if (name.wants !== 'open' || !processes.has(name.owner.pid)) return [];
    const record = journal.read(name)?.record;
    if (record === undefined || record.kind === 'dead-client') return [];
    return blockLine({ ...record, previousProcess: true });
  });
}

/** Adds up the lines of a tally. */
export function tallyOf(lines: readonly TallyLine[]): Tally {
  const processes = new Set<number>();
  const blocks = new Map<string, Found>();
  for (const line of lines) {
    if (line.type === 'started') processes.add(line.pid);
    else blocks.set(line.record.id, line.record);
  }
  return { processes: [...processes], blocks: [...blocks.values()] };
}

/** Reads it when the command has ended. */
export function readTally(file: string, journalDir: string): Tally {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Nothing was watched.
  }
  const lines = linesOf(text);
  const { processes } = tallyOf(lines);
  return tallyOf([...lines, ...left(journalDir, new Set(processes))]);
}
