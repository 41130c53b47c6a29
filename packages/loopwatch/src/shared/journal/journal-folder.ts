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
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { textOfOwnFile } from '../own-file.js';
import { formatEntry, type JournalEntry, parseEntry } from './journal-entry.js';
import { formatName, type JournalName, parseName } from './journal-name.js';

/** The bounds of the folder, over all processes that use it. Oldest records go first. */
const MOST_RECORDS = 1000;
const MOST_BYTES = 64 * 1024 * 1024;
const OLDEST_MS = 7 * 24 * 3600 * 1000;

/** A record is a few KiB, and 16 stacks of 100 frames at most. What is larger is none of ours. */
const LARGEST_RECORD = 2 * 1024 * 1024;

/** What a file that could not be read is called afterwards. */
const ASIDE = '.aside';
const TEMPORARY = '.tmp';

/**
 * Makes the folder, or makes sure that the one which is there is ours: the default lies in a temp
 * folder where anyone may have put a link or a folder of that name.
 *
 * @throws Error when it can't be used
 */
export function claimFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is not a directory`);
  const uid = process.getuid?.();
  if (uid === undefined) return;
  if (found.uid !== uid) throw new Error(`${folder} belongs to another user`);
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

/** Nobody else has a name for a file of the journal. */
function textOf(path: string): string | null {
  return textOfOwnFile(path, LARGEST_RECORD, ({ nlink }) => nlink <= 1);
}

/** A file of the journal. */
export interface JournalFile {
  readonly name: JournalName;
  readonly changedMs: number;
}

interface Listed {
  readonly path: string;
  readonly size: number;
  readonly changedMs: number;
}

/** A journal folder, made on the first write. */
export class JournalFolder {
  readonly #folder: string;
  #claimed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #path(name: JournalName): string {
    return join(this.#folder, formatName(name));
  }

  /**
   * Writes a record, or replaces what was written of it before under the same name.
   *
   * @throws Error when the disk is full, read-only, or the folder is not ours
   */
  write(name: JournalName, entry: JournalEntry): void {
    if (!this.#claimed) claimFolder(this.#folder);
    this.#claimed = true;
    const file = this.#path(name);
    try {
      writeFileSync(file + TEMPORARY, formatEntry(entry), { mode: 0o600, flag: 'w' });
      renameSync(file + TEMPORARY, file);
    } catch (error) {
      // Someone may have cleaned the temp folder: the next write makes it again.
      this.#claimed = false;
      throw error;
    }
  }

  /**
   * Gives a record another name: another owner, or fewer who want it.
   *
   * @returns false when it is not there (any more)
   */
  rename(from: JournalName, to: JournalName): boolean {
    try {
      renameSync(this.#path(from), this.#path(to));
      return true;
    } catch {
      return false;
    }
  }

  /** Forgets a record, if it was written at all. */
  remove(name: JournalName): void {
    try {
      unlinkSync(this.#path(name));
    } catch {
      // It was never written, or was dropped for being the oldest.
    }
  }

  /** Says that its owner lives, to those who can't see that for themselves. */
  touch(name: JournalName, nowMs: number): void {
    try {
      utimesSync(this.#path(name), nowMs / 1000, nowMs / 1000);
    } catch {
      // As above.
    }
  }

  /** The records in the folder; none when it is not there, or not this user's. */
  list(): JournalFile[] {
    return this.#files().flatMap(({ path, changedMs }) => {
      const name = this.#nameOf(path);
      return name === null ? [] : [{ name, changedMs }];
    });
  }

  /**
   * Puts right what a process was writing when it was killed: a whole record gets its name, half of
   * one goes.
   *
   * @param isLeft whether the process of a file is gone
   */
  repair(isLeft: (name: JournalName, changedMs: number) => boolean): void {
    for (const { path, changedMs } of this.#files()) {
      const name = path.endsWith(TEMPORARY) ? this.#nameOf(path.slice(0, -TEMPORARY.length)) : null;
      if (name === null || !isLeft(name, changedMs)) continue;
      try {
        if (parseEntry(textOf(path) ?? '') === null) unlinkSync(path);
        else renameSync(path, this.#path(name));
      } catch {
        // Another process was faster.
      }
    }
  }

  #nameOf(path: string): JournalName | null {
    return parseName(path.slice(this.#folder.length + 1));
  }

  /** The record in a file. One that can't be read is set aside, and nobody meets it again. */
  read(name: JournalName): JournalEntry | null {
    const path = this.#path(name);
    const text = textOf(path);
    const entry = text === null ? null : parseEntry(text);
    if (entry !== null && entry.record.id === name.id) return entry;
    try {
      renameSync(path, path + ASIDE);
    } catch {
      // It is gone, or the folder is read-only: then it is met again, and set aside again.
    }
    return null;
  }

  /**
   * Drops the oldest records beyond the bounds, and what is too old for anyone.
   *
   * @returns how many records were dropped
   */
  trim(nowMs: number): number {
    const files = this.#files().sort((a, b) => b.changedMs - a.changedMs);
    let bytes = 0;
    let dropped = 0;
    files.forEach(({ path, size, changedMs }, index) => {
      bytes += size;
      const young = nowMs - changedMs < OLDEST_MS;
      if (index < MOST_RECORDS && bytes <= MOST_BYTES && young) return;
      try {
        unlinkSync(path);
        dropped++;
      } catch {
        // Another process was faster.
      }
    });
    return dropped;
  }

  /** What is ours in the folder, with what was set aside and what a killed process was writing. */
  #files(): Listed[] {
    let names: string[];
    try {
      const found = lstatSync(this.#folder);
      const mine = process.getuid === undefined || found.uid === process.getuid();
      if (!found.isDirectory() || !mine) return [];
      names = readdirSync(this.#folder);
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const bare = name.replace(/\.json(?:\.tmp|\.aside)$/, '.json');
      if (parseName(bare) === null) return [];
      const path = join(this.#folder, name);
      try {
        const { size, mtimeMs } = lstatSync(path);
        return [{ path, size, changedMs: mtimeMs }];
      } catch {
        return [];
      }
    });
  }
}
