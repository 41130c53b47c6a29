/**
 * Takes the current stack as structured frames, without leaving a trace in the host's `Error`.
 *
 * Three ways, best first: our own `Error.prepareStackTrace` (async frames, positions as V8 has
 * them), `util.getCallSites` where `Error` can't be changed (`--frozen-intrinsics`), the text of
 * `stack` where there is neither.
 */
import type { RawFrame } from '../../shared/record/frames.js';

/** How deep a captured stack may be: what fits the capture slot, at a few µs a frame. */
const DEPTH = 100;

/** The evaluated expression's own frame carries this name, whatever its depth. */
export const CAPTURE_SOURCE = 'loopwatch:capture';

export interface Stack {
  readonly frames: RawFrame[];
  /** True when the innermost frame had only just been entered and had not run yet. */
  readonly atEntry: boolean;
}

type Site = NodeJS.CallSite;

type Boundary = (...args: never[]) => unknown;

/** Runs `body` with a property of Error set, then puts back exactly what was there. */
function withErrorProperty<T>(name: string, value: unknown, body: () => T): T {
  const before = Object.getOwnPropertyDescriptor(Error, name);
  Object.defineProperty(Error, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: true,
  });
  try {
    return body();
  } finally {
    if (before === undefined) delete (Error as unknown as Record<string, unknown>)[name];
    else Object.defineProperty(Error, name, before);
  }
}

function isOwn(site: Site): boolean {
  return site.getScriptNameOrSourceURL() === CAPTURE_SOURCE;
}

/**
 * Whether a position is the opening parenthesis of the function around it. That is where V8 puts
 * a frame which the interrupt met at function entry: arrow functions and methods begin there,
 * others after `function`, `function*` and the name.
 *
 * @param offset columns between the enclosing function's start and the position
 * @param name the function's own name, or null
 */
export function isEntryOffset(offset: number, name: string | null): boolean {
  if (offset === 0) return true;
  const keyword = offset - 'function'.length;
  // "function(", "function (", "function*(", "function* (".
  if (keyword >= 0 && keyword <= 2) return true;
  if (name === null) return false;
  // "function name(", "function name (", "function* name(", "function* name (".
  const named = keyword - name.length;
  return named >= 1 && named <= 3;
}

function isAtEntry(site: Site): boolean {
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  const startColumn = site.getEnclosingColumnNumber();
  if (line === null || column === null || startColumn === null) return false;
  if (site.getEnclosingLineNumber() !== line) return false;
  return isEntryOffset(column - startColumn, site.getFunctionName());
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

/** Longer names are made by a program, not by a person, and a stack of them would fit nowhere. */
const MOST_NAME = 500;

function rawFrame(site: Site): RawFrame {
  const name = site.getFunctionName()?.slice(0, MOST_NAME) ?? null;
  const file = site.getFileName() ?? site.getScriptNameOrSourceURL() ?? null;
  const line = positive(site.getLineNumber());
  const column = positive(site.getColumnNumber());
  const async = site.isAsync() ? 1 : 0;
  if (name !== null) return [name, file, line, column, async];
  return [name, file, line, column, async, site.getEnclosingLineNumber()];
}

function byPreparing(boundary: Boundary): Stack {
  const prepare = (_error: Error, sites: Site[]): Stack => {
    const foreign = sites.filter((site) => !isOwn(site));
    const innermost = foreign[0];
    return {
      frames: foreign.map(rawFrame),
      atEntry: innermost !== undefined && isAtEntry(innermost),
    };
  };
  const holder: { stack?: unknown } = {};
  const result = withErrorProperty('stackTraceLimit', DEPTH, () =>
    withErrorProperty('prepareStackTrace', prepare, () => {
      Error.captureStackTrace(holder, boundary);
      return holder.stack;
    }),
  );
  if (!Array.isArray((result as Stack | undefined)?.frames)) throw new Error('hook not called');
  return result as Stack;
}

interface PlainSite {
  readonly functionName: string;
  readonly scriptName: string;
  readonly lineNumber: number;
  readonly column?: number;
  readonly columnNumber?: number;
}

interface Util {
  // Not in Node 20. Before 22.12 and 23.3 it was called getCallSite.
  readonly getCallSites?: (count: number) => PlainSite[];
}

/** Taken only when needed: an import of node:util makes Node 22 and later open process.stderr. */
function getCallSites(): Util['getCallSites'] {
  return (process.getBuiltinModule('node:util') as unknown as Util).getCallSites;
}

function byCallSites(boundaryName: string): Stack {
  const sites = getCallSites()?.(DEPTH) ?? [];
  const own = sites.findIndex((site) => site.functionName === boundaryName);
  const foreign = sites.slice(own + 1).filter((site) => site.scriptName !== CAPTURE_SOURCE);
  return {
    frames: foreign.map((site) => [
      site.functionName || null,
      site.scriptName || null,
      positive(site.lineNumber),
      positive(site.columnNumber ?? site.column ?? null),
      0,
    ]),
    atEntry: false,
  };
}

const LINE = /^\s*at (async )?(?:(.+) \()?(.+?)(?::(\d+):(\d+))?\)?$/;

/** Reads the text form of a stack. Lines that are no frame are left out. */
export function parseStack(text: string): RawFrame[] {
  const frames: RawFrame[] = [];
  for (const line of text.split('\n')) {
    const [, async, name, file, row, column] = LINE.exec(line) ?? [];
    if (file === undefined || file.includes(CAPTURE_SOURCE)) continue;
    frames.push([
      name?.replace(/^new | \[as .+\]$/g, '') ?? null,
      file,
      row === undefined ? null : Number(row),
      column === undefined ? null : Number(column),
      async === undefined ? 0 : 1,
    ]);
  }
  return frames;
}

/** A frame of which nothing is known: something was on the stack, and could not be read. */
const UNREADABLE: RawFrame = [null, null, null, null, 0];

/** The stack as the program formats it, which may be not at all. */
function textOf(boundary: Boundary): string {
  const holder: { stack?: unknown } = {};
  try {
    Error.captureStackTrace(holder, boundary);
    return typeof holder.stack === 'string' ? holder.stack : '';
  } catch {
    return '';
  }
}

function byText(boundary: Boundary): Stack {
  const frames = parseStack(textOf(boundary));
  return { frames: frames.length === 0 ? [UNREADABLE] : frames, atEntry: false };
}

/**
 * The stack below `boundary`, which must be on it: everything down to and including that function
 * is left out by identity, as is the evaluated expression that called it.
 */
export function takeStack(boundary: Boundary): Stack {
  try {
    return byPreparing(boundary);
  } catch {
    return getCallSites() === undefined ? byText(boundary) : byCallSites(boundary.name);
  }
}
