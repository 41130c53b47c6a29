/** The lines of code around a position. */

/** A line of code with what surrounds it. */
export interface SourceContext {
  readonly before: readonly string[];
  readonly line: string;
  readonly after: readonly string[];
}

/** Finds the context of a position; null where it is not known. */
export type ContextOf = (file: string | null, line: number | null) => SourceContext | null;

/** What is known of the code around some positions; null where there is a position and no code. */
export type Code = Record<string, SourceContext | null>;

/** What {@link Code} knows a position by. */
export function codeKey(file: string | null, line: number | null): string {
  return `${file}:${line}`;
}

/** Finds contexts in what is known, and else elsewhere. */
export function contextFrom(code: Readonly<Code>, elsewhere: ContextOf): ContextOf {
  return (file, line) => {
    const key = codeKey(file, line);
    return Object.hasOwn(code, key) ? (code[key] ?? null) : elsewhere(file, line);
  };
}

/** Lines shown on each side. */
const AROUND = 5;

/** Minified code is one line; the part that fits a page is enough. */
const MOST_COLUMNS = 200;

/** @param line from 1 */
export function contextIn(lines: readonly string[], line: number): SourceContext | null {
  const cut = (text: string) => text.slice(0, MOST_COLUMNS);
  const text = lines[line - 1];
  if (text === undefined) return null;
  return {
    before: lines.slice(Math.max(0, line - 1 - AROUND), line - 1).map(cut),
    line: cut(text),
    after: lines.slice(line, line + AROUND).map(cut),
  };
}
