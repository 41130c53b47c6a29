/** Gathers what the lines of logs and the files of a journal say. */
import type { UnconfirmedAt } from '../../shared/pictures/picture.js';
import type { BlockRecord } from '../../shared/record/record.js';
import { isRecord, isUnconfirmed } from '../../shared/record/record-check.js';

/** Of each; the oldest go first. More is more than a page can show, and a process hold. */
const MOST_KEPT = 20_000;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** When a log line was written, ms since 1970: pino's number, or what its formatters make of it. */
function timeOf(line: Record<string, unknown>): number {
  const { time } = line;
  if (typeof time === 'number' && Number.isFinite(time)) return time;
  return typeof time === 'string' ? Date.parse(time) : Number.NaN;
}

/** What was read so far. */
export class Collected {
  readonly #records = new Map<string, BlockRecord>();
  readonly #hints = new Map<string, string>();
  readonly #unconfirmed: UnconfirmedAt[] = [];
  /** Records and events that were left out, being more than are kept. */
  leftOut = 0;

  get records(): BlockRecord[] {
    return [...this.#records.values()];
  }

  get hints(): ReadonlyMap<string, string> {
    return this.#hints;
  }

  get unconfirmed(): readonly UnconfirmedAt[] {
    return this.#unconfirmed;
  }

  /** Takes a record. Of a hang that is told of twice, its end counts. */
  addRecord(record: BlockRecord, hint?: string): void {
    const known = this.#records.get(record.id);
    if (known?.ended && !record.ended) return;
    // What was delivered is in its source code; a journal has it as it ran.
    if (known !== undefined && known.ended === record.ended && hint === undefined) return;
    this.#records.delete(record.id);
    this.#records.set(record.id, record);
    if (hint !== undefined) this.#hints.set(record.id, hint);
    if (this.#records.size > MOST_KEPT) {
      const [oldest] = this.#records.keys() as Iterable<string>;
      this.#records.delete(oldest as string);
      this.#hints.delete(oldest as string);
      this.leftOut++;
    }
  }

  /** Takes a line of a log; what is none of loopwatch's is passed over. */
  addLine(text: string): void {
    // A program's log has many lines that are not ours, and parsing is what takes the time.
    if (!text.includes('"block"') && !text.includes('"unconfirmed"')) return;
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      return;
    }
    if (!isObject(line)) return;
    const { block, hint, unconfirmed } = line;
    if (isRecord(block)) this.addRecord(block, typeof hint === 'string' ? hint : undefined);
    if (!isUnconfirmed(unconfirmed)) return;
    const writtenMs = timeOf(line);
    // Without its time there is no place for it on a timeline.
    if (Number.isNaN(writtenMs)) return;
    this.#unconfirmed.push({ atMs: writtenMs - unconfirmed.durationMs, event: unconfirmed });
    if (this.#unconfirmed.length > MOST_KEPT) {
      this.#unconfirmed.shift();
      this.leftOut++;
    }
  }
}
