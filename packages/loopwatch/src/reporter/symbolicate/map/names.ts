/**
 * What a function was called before a bundler gave it a shorter name. Maps don't say where functions
 * begin, but they name identifiers: the one at the call, and the one at the declaration.
 */

import type { Stretch } from './mappings.js';
import type { Position } from './question.js';

/** The name that the map gives to what is exactly at a place, from 0; null without one. */
export type NameAt = (line: number, column: number) => string | null;

/** How far before a position its function may begin, in characters. */
const REACH = 256 * 1024;

/** Characters that are looked at to find out which declarations of a short name go on, nearest first. */
const MOST_LOOKED_AT = 1024 * 1024;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const NEW = /^new\s+/;

/** What comes between the two words of that. */
const NEW_REACH = 20;

function isPart(char: string | undefined): boolean {
  return char !== undefined && /[\p{ID_Continue}$]/u.test(char);
}

function hasWordAt(text: string, word: string, at: number): boolean {
  return text.startsWith(word, at) && !isPart(text[at + word.length]) && !isPart(text[at - 1]);
}

/** The name at the place that called the function, if it called it by its name. */
export function nameAtCall(
  lines: readonly string[],
  { function: name, call }: Position,
  nameAt: NameAt,
): string | null {
  const text = call === null ? undefined : lines[call.line - 1];
  if (name === null || call === null || text === undefined) return null;
  const start = call.column - 1;
  const skipped = NEW.exec(text.slice(start, start + NEW_REACH))?.[0].length ?? 0;
  const at = start + skipped;
  return hasWordAt(text, name, at) ? nameAt(call.line - 1, at) : null;
}

const BEFORE = /(?:function\s*\*?|class)\s*$/;
const AFTER =
  /^\s*(?:=\s*(?:async\b\s*)?(?:function\b|class\b|\(|[\p{ID_Start}$_][\p{ID_Continue}$]*\s*=>)|\()/u;

/** Whether a declaration that begins here still goes on at the end of the text. */
function goesOn(text: string): boolean {
  let depth = 0;
  let opened = false;
  for (const char of text) {
    if (char === '{' || char === '(' || char === '[') {
      depth++;
      opened ||= char === '{';
    } else if (char === '}' || char === ')' || char === ']') {
      if (--depth < 0 || (depth === 0 && opened && char === '}')) return false;
    }
  }
  return true;
}

/** The text before a position, and where in the script it begins. */
function before(
  lines: readonly string[],
  { line, column }: Position,
): { text: string; line: number; column: number } {
  let first = line - 1;
  const own = (lines[first] ?? '').slice(0, column - 1);
  if (own.length >= REACH)
    return { text: own.slice(-REACH), line: first, column: own.length - REACH };
  const parts = [own];
  let length = own.length;
  while (first > 0 && length < REACH) {
    const text = lines[--first] ?? '';
    parts.unshift(text);
    length += text.length + 1;
  }
  return { text: parts.join('\n'), line: first, column: 0 };
}

/** What of the map has to be known to find the place of a position, and its function's name. */
export function stretchesFor(lines: readonly string[], position: Position): Stretch[] {
  const { line, column, call } = position;
  const start = before(lines, position);
  // Where the text is not known, the same number of columns is.
  const isKnown = (lines[line - 1]?.length ?? 0) >= column - 1;
  const from = isKnown ? start : { line: line - 1, column: Math.max(0, column - 1 - REACH) };
  const own = { from, to: { line: line - 1, column: column - 1 } };
  if (call === null) return [own];
  const at = { line: call.line - 1, column: call.column - 1 };
  return [own, { from: at, to: { ...at, column: at.column + NEW_REACH } }];
}

/** Where in the script an offset of that text is. */
function placeOf(start: ReturnType<typeof before>, offset: number): [line: number, column: number] {
  const head = start.text.slice(0, offset).split('\n');
  const last = (head.at(-1) as string).length;
  const lines = head.length - 1;
  return [start.line + lines, lines === 0 ? start.column + last : last];
}

/** The name at the nearest declaration around a position that has the function's name. */
export function nameAtDeclaration(
  lines: readonly string[],
  position: Position,
  nameAt: NameAt,
): string | null {
  const { function: name } = position;
  if (name === null || !IDENTIFIER.test(name)) return null;
  const start = before(lines, position);
  const { text } = start;
  let left = MOST_LOOKED_AT;
  for (let at = text.lastIndexOf(name); at !== -1 && left > 0; ) {
    if (hasWordAt(text, name, at)) {
      const rest = text.slice(at + name.length);
      const isDeclared =
        BEFORE.test(text.slice(Math.max(0, at - 20), at)) || AFTER.test(rest.slice(0, 200));
      if (isDeclared) {
        left -= rest.length;
        const found = goesOn(rest) ? nameAt(...placeOf(start, at)) : null;
        if (found !== null) return found;
      }
    }
    at = at === 0 ? -1 : text.lastIndexOf(name, at - 1);
  }
  return null;
}
