/**
 * Where a frame's code was written. Source maps are read by what the reporter's pool reads them with, and by
 * its rules; it is loaded when the first file names a map.
 */
import { CAPTURE_SOURCE } from '../../main/stack/call-sites.js';
import type { Frame } from '../../shared/record/record.js';
import { mappedScripts, type Stacks } from '../../shared/sources/mapped-scripts.js';
import { type Code, type ContextOf, contextFrom } from '../../shared/sources/source-context.js';
import { sourceContext } from '../../shared/sources/source-file.js';
import type { Thread } from '../target/target.js';

/** This file is bundled into dist/cli/main.js. */
const READER = new URL('../reporter/direct.js', import.meta.url);

/** The text of a map holds its source once more. */
const LONGEST_MAP = 4 * 1024 * 1024;

type Read = (stacks: Stacks, code: Code) => Promise<Stacks>;

/** What is used of the reader. */
interface Reader {
  stacksReader(mapInMemory: (file: string) => Promise<Uint8Array | null>): Read;
}

/** The map that Node has of what tsx, swc or ts-node made in memory; only its thread has it. */
function mapExpression(file: string): string {
  return `(() => {
  try {
    const { findSourceMap } = process.getBuiltinModule('node:module');
    const text = JSON.stringify(findSourceMap(${JSON.stringify(file)}).payload);
    return text.length > ${LONGEST_MAP} ? null : text;
  } catch {
    return null;
  }
})()
//# sourceURL=${CAPTURE_SOURCE}`;
}

async function mapInMemory(
  thread: Thread,
  file: string,
  timeoutMs: number,
): Promise<Uint8Array | null> {
  try {
    const text = await thread.evaluate<string | null>(mapExpression(file), timeoutMs);
    return text === null ? null : Buffer.from(text);
  } catch {
    // It is in a native call by now, or gone.
    return null;
  }
}

export class SourceMaps {
  readonly #reader: URL;
  readonly #code: Code = {};
  readonly #reads = new Map<Thread, Promise<Read>>();
  /** The code around a place, where its file may be read. */
  readonly context: ContextOf = contextFrom(this.#code, sourceContext);

  constructor(reader = READER) {
    this.#reader = reader;
  }

  /**
   * The frames at their original places; as they are where no map knows them.
   *
   * @param thread that runs them
   * @param timeoutMs for its maps
   */
  async readable(
    frames: readonly Frame[],
    thread: Thread,
    timeoutMs: number,
  ): Promise<readonly Frame[]> {
    const samples = { count: 1, stacks: [{ count: 1, frames }] };
    const stacks: Stacks = { culprit: null, samples, previousProcess: false };
    if (mappedScripts(stacks).length === 0) return frames;
    let read = this.#reads.get(thread);
    if (read === undefined) {
      read = this.#load(thread, timeoutMs);
      this.#reads.set(thread, read);
    }
    const led = await (await read)(stacks, this.#code);
    return led.samples.stacks[0]?.frames ?? frames;
  }

  async #load(thread: Thread, timeoutMs: number): Promise<Read> {
    const { stacksReader } = (await import(this.#reader.href)) as Reader;
    return stacksReader((file) => mapInMemory(thread, file, timeoutMs));
  }
}
