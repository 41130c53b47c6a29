/**
 * Where a line of code was written: runners compile what they load, and map stacks back in
 * `Error.prepareStackTrace`. Frames that V8 gives outside of an error have to be mapped here.
 */
import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Culprit } from '../../shared/record/record.js';

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What mappers (source-map-support, vite) ask of a frame. */
function callSiteAt({ file, line, column }: Place): NodeJS.CallSite {
  const nothing = () => null;
  const no = () => false;
  const site = {
    ...{ getFileName: () => file, getScriptNameOrSourceURL: () => file },
    ...{ getLineNumber: () => line, getColumnNumber: () => column, getFunctionName: () => 'f' },
    ...{ getThis: nothing, getTypeName: nothing, getFunction: nothing, getMethodName: nothing },
    ...{ getEvalOrigin: () => undefined, getPromiseIndex: nothing, getScriptHash: () => '' },
    ...{ getEnclosingLineNumber: nothing, getEnclosingColumnNumber: nothing, getPosition: () => 0 },
    ...{ isNative: no, isToplevel: no, isEval: no, isConstructor: no, isAsync: no },
    isPromiseAll: no,
    toString: () => `f (${file}:${line}:${column})`,
  };
  // Mappers copy what its prototype has.
  return Object.create(site) as NodeJS.CallSite;
}

/** As the program's own `Error.prepareStackTrace` writes it. */
function byStack(place: Place): Place | null {
  const { prepareStackTrace } = Error;
  if (typeof prepareStackTrace !== 'function') return null;
  const text = String(prepareStackTrace(new Error('where'), [callSiteAt(place)]));
  const [, file, line, column] = /\((.+):(\d+):(\d+)\)\s*$/.exec(text) ?? [];
  if (file === undefined) return null;
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  return { file: path, line: Number(line), column: Number(column) };
}

/** As Node itself knows it, with `--enable-source-maps`. */
function byNode({ file, line, column }: Place): Place | null {
  const entry = findSourceMap(file)?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalSource' in entry)) return null;
  const { originalSource, originalLine, originalColumn } = entry;
  if (!originalSource.startsWith('file:')) return null;
  const path = fileURLToPath(originalSource);
  return { file: path, line: originalLine + 1, column: originalColumn + 1 };
}

/** The culprit where its code was written; as it is, where nobody knows better. */
export function original(culprit: Culprit | null): Culprit | null {
  if (culprit === null) return null;
  const { file, line, column } = culprit;
  if (file === null || line === null) return culprit;
  const place = { file, line, column: column ?? 1 };
  try {
    return { ...culprit, ...(byStack(place) ?? byNode(place)) };
  } catch {
    // A prepareStackTrace of the program's own, which wants more of its frames.
    return culprit;
  }
}
