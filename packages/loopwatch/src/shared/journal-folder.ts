/**
 * The journal on disk: one file a record, in a folder that belongs to this user alone.
 *
 * A record is written under a temporary name and renamed, so that a reader never meets half of
 * one. There is no fsync: the page cache survives every death of the process, and only a power
 * failure would need it, at up to 80 ms a record (measured).
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { BlockRecord } from './record.js';

/** The bounds of the folder, over all processes that use it. Oldest records go first. */
const MOST_RECORDS = 1000;
const MOST_BYTES = 64 * 1024 * 1024;

const SUFFIX = '.json';

/**
 * Makes the folder, or makes sure that the one which is there is ours: the default lies in a temp
 * folder where anyone may have put a link or a folder of that name.
 *
 * @throws Error when it can't be used
 */
function claimFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is not a directory`);
  const uid = process.getuid?.();
  if (uid === undefined) return;
  if (found.uid !== uid) throw new Error(`${folder} belongs to another user`);
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

/** A journal folder, made on the first write. */
export class JournalFolder {
  readonly #folder: string;
  #claimed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #file(id: string): string {
    return join(this.#folder, `${process.pid}-${id}${SUFFIX}`);
  }

  /**
   * Writes a record, or replaces what was written of it before.
   *
   * @throws Error when the disk is full, read-only, or the folder is not ours
   */
  write(record: BlockRecord): void {
    if (!this.#claimed) claimFolder(this.#folder);
    this.#claimed = true;
    const file = this.#file(record.id);
    const temporary = `${file}.tmp`;
    try {
      writeFileSync(temporary, JSON.stringify(record), { mode: 0o600, flag: 'w' });
      renameSync(temporary, file);
    } catch (error) {
      // Someone may have cleaned the temp folder: the next write makes it again.
      this.#claimed = false;
      throw error;
    }
  }

  /** Forgets a record, if it was written at all. */
  remove(id: string): void {
    try {
      unlinkSync(this.#file(id));
    } catch {
      // It was never written, or was dropped for being the oldest.
    }
  }

  /**
   * Drops the oldest records beyond the bounds.
   *
   * @returns how many were dropped
   */
  trim(): number {
    const files = this.#list().sort((a, b) => b.changedMs - a.changedMs);
    let bytes = 0;
    let dropped = 0;
    files.forEach(({ path, size }, index) => {
      bytes += size;
      if (index < MOST_RECORDS && bytes <= MOST_BYTES) return;
      try {
        unlinkSync(path);
        dropped++;
      } catch {
        // Another process was faster.
      }
    });
    return dropped;
  }

  #list(): { path: string; size: number; changedMs: number }[] {
    let names: string[];
    try {
      names = readdirSync(this.#folder);
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const path = join(this.#folder, name);
      try {
        const { size, mtimeMs } = statSync(path);
        return [{ path, size, changedMs: mtimeMs }];
      } catch {
        return [];
      }
    });
  }
}
