/** Reads a log, or a folder of logs or of a journal, and changes nothing there. */
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '../../shared/errors.js';
import { parseEntry } from '../../shared/journal/journal-entry.js';
import { parseName } from '../../shared/journal/journal-name.js';
import { Unusable } from '../terminal/outcome.js';
import { Collected } from './collect.js';
import { linesOf } from './lines.js';

/** What a log in a folder is called. */
const LOG_NAME = /\.(?:ndjson|jsonl|log)$/;

/** Stands for standard input. */
export const STDIN = '-';

/** The journal's own bound: no file of it is larger. */
const LARGEST_ENTRY = 2 * 1024 * 1024;

/** How often progress is told of, in lines. */
const PROGRESS_EVERY = 20_000;

type Progress = (lines: number) => void;

async function readLog(
  chunks: AsyncIterable<string>,
  collected: Collected,
  onProgress: Progress,
): Promise<void> {
  let lines = 0;
  for await (const line of linesOf(chunks)) {
    collected.addLine(line);
    if (++lines % PROGRESS_EVERY === 0) onProgress(lines);
  }
}

function readEntry(file: string, collected: Collected): void {
  let text: string;
  try {
    if (statSync(file).size > LARGEST_ENTRY) return;
    text = readFileSync(file, 'utf8');
  } catch {
    // It was delivered meanwhile.
    return;
  }
  const record = parseEntry(text)?.record;
  // Dead clients are in no picture of the loop.
  if (record !== undefined && record.kind !== 'dead-client') collected.addRecord(record);
}

async function readFolder(
  folder: string,
  collected: Collected,
  onProgress: Progress,
): Promise<void> {
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    if (parseName(name) !== null) readEntry(file, collected);
    else if (LOG_NAME.test(name) && statSync(file, { throwIfNoEntry: false })?.isFile()) {
      await readLog(createReadStream(file, 'utf8'), collected, onProgress);
    }
  }
}

/**
 * @param path a log, a folder, or {@link STDIN}
 * @throws Unusable when it can't be read
 */
export async function read(path: string, onProgress: Progress): Promise<Collected> {
  const collected = new Collected();
  try {
    if (path === STDIN) await readLog(process.stdin.setEncoding('utf8'), collected, onProgress);
    else if (statSync(path).isDirectory()) await readFolder(path, collected, onProgress);
    else await readLog(createReadStream(path, 'utf8'), collected, onProgress);
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'it is not there' : messageOf(error);
    throw new Unusable(`${path} can't be read: ${why}`);
  }
  return collected;
}
