/** What is in a journal folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockRecord } from 'loopwatch';

/** Names of the files in a folder, none when there is no folder. */
export function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The records in a journal folder. A file that is gone by the time it is read is none. */
export function recordsIn(folder: string): BlockRecord[] {
  return filesIn(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(folder, name), 'utf8')) as BlockRecord];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    });
}
