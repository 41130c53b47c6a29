/**
 * The mappings of a large map, decoded where they are asked for. All of a 20 MB map take a second and
 * 200 MB; a report asks about a few places.
 */
import type { SourceMapSegment } from '@jridgewell/trace-mapping';
import { MapFailure } from './question.js';

/** A stretch of a script, both ends included. Lines and columns count from 0. */
export interface Stretch {
  readonly from: Place;
  readonly to: Place;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** Characters between two places from which decoding can begin: a tenth of a millisecond's work. */
const CHECKPOINT_EVERY = 32 * 1024;

/** Segments that are taken out at once, at 100 bytes each: ten times what a report has asked for. */
const MOST_TAKEN = 1_000_000;

const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/** What is no digit. */
const NONE = 255;

/** Base64 digits by their character codes. */
const DIGITS = new Uint8Array(128).fill(NONE);
for (const [value, char] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
].entries()) {
  DIGITS[char.charCodeAt(0)] = value;
}

function isBefore(a: Place, b: Place): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

/** Goes through mappings segment by segment, without making anything. */
class Cursor {
  readonly #text: string;
  #at = 0;
  line = 0;
  column = 0;
  #source = 0;
  #sourceLine = 0;
  #sourceColumn = 0;
  #name = 0;
  #size = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get at(): number {
    return this.#at;
  }

  /** The segment that it stands on. */
  get segment(): SourceMapSegment {
    const original = [this.#source, this.#sourceLine, this.#sourceColumn] as const;
    if (this.#size === 1) return [this.column];
    return this.#size === 4 ? [this.column, ...original] : [this.column, ...original, this.#name];
  }

  copy(): Cursor {
    const copy = new Cursor(this.#text);
    copy.#at = this.#at;
    copy.line = this.line;
    copy.column = this.column;
    copy.#source = this.#source;
    copy.#sourceLine = this.#sourceLine;
    copy.#sourceColumn = this.#sourceColumn;
    copy.#name = this.#name;
    copy.#size = this.#size;
    return copy;
  }

  /**
   * Goes to the next segment; false when there is none.
   *
   * @throws MapFailure `invalid`
   */
  next(): boolean {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === SEMICOLON) {
        this.line++;
        this.column = 0;
      } else if (code !== COMMA) {
        this.#read();
        return true;
      }
    }
    return false;
  }

  #read(): void {
    this.column += this.#number();
    this.#size = 1;
    if (!this.#goesOn()) return;
    this.#source += this.#number();
    this.#sourceLine += this.#number();
    this.#sourceColumn += this.#number();
    this.#size = 4;
    if (!this.#goesOn()) return;
    this.#name += this.#number();
    this.#size = 5;
    if (this.#goesOn()) throw new MapFailure('invalid');
  }

  #goesOn(): boolean {
    if (this.#at >= this.#text.length) return false;
    const code = this.#text.charCodeAt(this.#at);
    return code !== COMMA && code !== SEMICOLON;
  }

  #number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 5) {
      const code = this.#at < this.#text.length ? this.#text.charCodeAt(this.#at++) : NONE;
      const digit = code < 128 ? (DIGITS[code] as number) : NONE;
      if (digit === NONE) break;
      value |= (digit & 31) << shift;
      if (digit < 32) return (value & 1) === 1 ? -(value >>> 1) : value >>> 1;
    }
    throw new MapFailure('invalid');
  }
}

/** One stretch for all that touch each other, in order. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const inOrder = [...stretches].sort((a, b) => (isBefore(a.from, b.from) ? -1 : 1));
  const found: Stretch[] = [];
  for (const next of inOrder) {
    const last = found.at(-1);
    if (last === undefined || isBefore(last.to, next.from)) found.push(next);
    else if (isBefore(last.to, next.to)) found[found.length - 1] = { from: last.from, to: next.to };
  }
  return found;
}

/** Mappings that were gone through once. */
export class Mappings {
  /** In order; each stands on a segment. */
  readonly #checkpoints: Cursor[] = [];
  /** False where the segments of a line are in disorder, which readers have to expect. */
  readonly isSorted: boolean;

  /** @throws MapFailure `invalid` */
  constructor(text: string) {
    const cursor = new Cursor(text);
    let [due, line, column] = [0, -1, 0];
    let isSorted = true;
    while (cursor.next()) {
      if (cursor.line === line && cursor.column < column) isSorted = false;
      [line, column] = [cursor.line, cursor.column];
      if (cursor.at < due) continue;
      this.#checkpoints.push(cursor.copy());
      due = cursor.at + CHECKPOINT_EVERY;
    }
    this.isSorted = isSorted;
  }

  /**
   * The segments in some stretches, by line.
   *
   * @throws MapFailure `too-large`
   */
  within(stretches: readonly Stretch[]): SourceMapSegment[][] {
    const nothing: SourceMapSegment[] = [];
    const lines: SourceMapSegment[][] = [];
    let left = MOST_TAKEN;
    for (const { from, to } of joined(stretches)) {
      const cursor = this.#before(from);
      if (cursor === undefined) break;
      do {
        if (isBefore(to, cursor)) break;
        if (isBefore(cursor, from)) continue;
        if (left-- === 0) throw new MapFailure('too-large');
        while (lines.length <= cursor.line) lines.push(nothing);
        if (lines[cursor.line] === nothing) lines[cursor.line] = [];
        lines[cursor.line]?.push(cursor.segment);
      } while (cursor.next());
    }
    return lines;
  }

  /** Stands on the last checkpoint before a place, or on the first. */
  #before(place: Place): Cursor | undefined {
    let [low, high] = [0, this.#checkpoints.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (isBefore(this.#checkpoints[middle] as Cursor, place)) low = middle;
      else high = middle - 1;
    }
    return this.#checkpoints[low]?.copy();
  }
}
