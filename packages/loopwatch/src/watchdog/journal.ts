/** The watchdog's side of the journal: what is written survives; what can't be is said once. */
import { codeOf, messageOf } from '../shared/errors.js';
import { JournalFolder } from '../shared/journal-folder.js';
import type { BlockRecord } from '../shared/record.js';

/** Writes records and never fails: a full or read-only disk must not end the watching. */
export class Journal {
  #folder: JournalFolder;
  readonly #complain: (text: string) => void;
  #complained = false;

  /** @param complain says one line to the person who runs the program */
  constructor(folder: string, complain: (text: string) => void) {
    this.#folder = new JournalFolder(folder);
    this.#complain = complain;
  }

  moveTo(folder: string): void {
    this.#folder = new JournalFolder(folder);
  }

  write(record: BlockRecord): void {
    try {
      this.#folder.write(record);
    } catch (error) {
      if (this.#complained) return;
      this.#complained = true;
      const why = codeOf(error) ?? messageOf(error);
      this.#complain(`reports can't be written to the journal (${why}) and are only sent directly`);
    }
  }

  remove(id: string): void {
    this.#folder.remove(id);
  }
}
