/** The watchdog's side of the journal: what is written survives; what can't be is said once. */
import { codeOf, messageOf } from '../../shared/errors.js';
import type { JournalEntry } from '../../shared/journal/journal-entry.js';
import { JournalFolder } from '../../shared/journal/journal-folder.js';
import { isSameOwner, type JournalName, type Wants } from '../../shared/journal/journal-name.js';
import { isAlive, ownerNow } from '../../shared/journal/owner.js';
import type { SinkName } from '../../shared/sinks/rules.js';

/** After this long without a sign of life, a file of another pid namespace is nobody's, in ms. */
const LEASE_MS = 10 * 60_000;

/** How often we give such signs, in ms. */
const TOUCH_MS = 60_000;

/** A record that another process left behind, now ours. */
export interface Found extends JournalEntry {
  readonly wants: Wants;
  /** False for what an earlier watchdog of this very process had written. */
  readonly previousProcess: boolean;
}

/** Writes records and never fails: a full or read-only disk must not end the watching. */
export class Journal {
  readonly #owner = ownerNow();
  readonly #complain: (text: string) => void;
  readonly #adopts: boolean;
  /** What is written, and under which name; in order. */
  readonly #wants = new Map<string, Wants>();
  #folder: JournalFolder;
  #complained = false;
  #touchedMs = Date.now();

  /**
   * @param complain says one line to the person who runs the program
   * @param adopts whether what this very process has written before is left behind: by a watchdog
   *   that has died, and not by one that is still stopping
   */
  constructor(folder: string, complain: (text: string) => void, adopts = true) {
    this.#folder = new JournalFolder(folder);
    this.#complain = complain;
    this.#adopts = adopts;
  }

  moveTo(folder: string): void {
    this.#folder = new JournalFolder(folder);
  }

  #name(id: string, wants: Wants): JournalName {
    return { owner: this.#owner, id, wants };
  }

  /**
   * Writes a record, or more of it than before.
   *
   * @returns whether it is on the disk
   */
  write(entry: JournalEntry, wants: Wants): boolean {
    const { id } = entry.record;
    const before = this.#wants.get(id);
    try {
      // First the name, then the text: at no moment are there two files of one record.
      if (before !== undefined) this.#folder.rename(this.#name(id, before), this.#name(id, wants));
      this.#folder.write(this.#name(id, wants), entry);
      this.#wants.set(id, wants);
      return true;
    } catch (error) {
      this.#sayOnce(error);
      return false;
    }
  }

  #sayOnce(error: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    const why = codeOf(error) ?? messageOf(error);
    this.#complain(`reports can't be written to the journal (${why}) and are only sent directly`);
  }

  /**
   * A sink has taken a record: it is forgotten when nobody else wants it.
   *
   * @returns whether somebody does
   */
  taken(id: string, sink: SinkName): boolean {
    const wants = this.#wants.get(id);
    if (wants === undefined || wants === 'open') return false;
    const left = wants.filter((one) => one !== sink);
    if (left.length === 0) {
      this.remove(id);
      return false;
    }
    this.#folder.rename(this.#name(id, wants), this.#name(id, left));
    this.#wants.set(id, left);
    return true;
  }

  remove(id: string): void {
    const wants = this.#wants.get(id);
    if (wants === undefined) return;
    this.#wants.delete(id);
    this.#folder.remove(this.#name(id, wants));
  }

  /** Reads back what was written. */
  read(id: string): JournalEntry | null {
    const wants = this.#wants.get(id);
    return wants === undefined ? null : this.#folder.read(this.#name(id, wants));
  }

  /** Who still wants a record. */
  wants(id: string): Wants | undefined {
    return this.#wants.get(id);
  }

  /**
   * Takes over a record whose process is gone, if there is one and nobody else is faster.
   *
   * @param isServed whether any of those who want it is served here; others wait for another process
   */
  takeOver(nowMs: number, isServed: (wants: Wants) => boolean): Found | null {
    this.#folder.repair((name, changedMs) => !this.#isAnothers(name, nowMs - changedMs));
    for (const { name, changedMs } of this.#folder.list()) {
      if (this.#isAnothers(name, nowMs - changedMs) || !isServed(name.wants)) continue;
      const own = { ...name, owner: this.#owner };
      if (!isSameOwner(name.owner, this.#owner) && !this.#folder.rename(name, own)) continue;
      const entry = this.#folder.read(own);
      if (entry === null) continue;
      this.#wants.set(name.id, name.wants);
      const mine = isSameOwner(name.owner, this.#owner);
      const previousProcess = entry.record.previousProcess || !mine;
      return { ...entry, wants: name.wants, previousProcess };
    }
    return null;
  }

  #isAnothers({ owner, id }: JournalName, silentMs: number): boolean {
    if (isSameOwner(owner, this.#owner)) return !this.#adopts || this.#wants.has(id);
    return isAlive(owner, this.#owner) ?? silentMs < LEASE_MS;
  }

  /** Gives signs of life, now and then. */
  tend(nowMs: number): void {
    if (nowMs - this.#touchedMs < TOUCH_MS) return;
    this.#touchedMs = nowMs;
    for (const [id, wants] of this.#wants) this.#folder.touch(this.#name(id, wants), nowMs);
  }
}
