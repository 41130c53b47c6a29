/** Where a capture goes: a file that gets its name when it is whole, or stdout. */
import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../shared/errors.js';
import { Unusable } from '../terminal/outcome.js';

/** What stands for stdout. */
export const STDOUT = '-';

export class Destination {
  /** Null for stdout. */
  readonly file: string | null;
  readonly #temporary: string;
  #descriptor: number | null = null;
  #isWhole = false;
  #bytes = 0;

  /**
   * @param path `-` is stdout
   * @throws Unusable where it can't be written
   */
  constructor(path: string) {
    this.file = path === STDOUT ? null : path;
    this.#temporary = `${path}.${process.pid}.part`;
    if (this.file === null) return;
    // A heap holds what the program holds: keys, passwords, other people's data.
    this.#try(() => {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error('is a folder');
      this.#descriptor = openSync(this.#temporary, 'wx', 0o600);
    });
    process.once('exit', this.discard);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws Unusable */
  write(text: string): void {
    const descriptor = this.#descriptor;
    if (descriptor !== null) this.#try(() => writeFileSync(descriptor, text));
    else process.stdout.write(text);
    this.#bytes += Buffer.byteLength(text);
  }

  /** @throws Unusable */
  finish(): void {
    const { file } = this;
    if (file === null) return;
    this.#try(() => {
      this.#close();
      renameSync(this.#temporary, file);
      this.#isWhole = true;
    });
  }

  /** Leaves nothing of what is not finished. */
  readonly discard = (): void => {
    process.removeListener('exit', this.discard);
    if (this.file === null || this.#isWhole) return;
    this.#close();
    rmSync(this.#temporary, { force: true });
  };

  #close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #try(step: () => void): void {
    try {
      step();
    } catch (error) {
      throw new Unusable(`${this.file} can't be written: ${messageOf(error)}`);
    }
  }
}
