/** What a stack frame's file says about whose code it is. */

import { fileURLToPath } from 'node:url';
import { OWN_FOLDER } from '../own-folder.js';
import type { Frame } from './record.js';

/**
 * A frame as the watched thread writes it: `[function, file, line, column, async, start]`. An array,
 * since it is serialised on top of the blocked stack, where every microsecond is the host's.
 *
 * `start` is the line on which a function without a name begins: what else tells two of them apart?
 */
export type RawFrame = readonly [
  fn: string | null,
  file: string | null,
  line: number | null,
  column: number | null,
  async: 0 | 1,
  start?: number | null,
];

/** A file URL becomes the path it stands for; everything else stays as it is. */
export function plainFile(file: string | null): string | null {
  if (file === null || file === '') return null;
  if (!file.startsWith('file:')) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}

const DEPENDENCY = /[\\/]node_modules[\\/](?!.*[\\/]node_modules[\\/])((?:@[^\\/]+[\\/])?[^\\/]+)/;

/** The package in node_modules that a file belongs to, or null. */
export function packageOf(file: string | null): string | null {
  const name = file === null ? null : (DEPENDENCY.exec(file)?.[1] ?? null);
  return name === null ? null : name.replace('\\', '/');
}

/** True for this package's own code. */
export function isOwn(file: string | null): boolean {
  return file?.startsWith(OWN_FOLDER) ?? false;
}

const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/])/;

/** True for the application's own code: an absolute path outside node_modules, or `[eval]`. */
export function isInApp(file: string | null): boolean {
  if (file === null || file.startsWith('node:')) return false;
  if (!ABSOLUTE.test(file)) return /^\[(?:eval|stdin|worker eval)/.test(file);
  return packageOf(file) === null && !isOwn(file);
}

/** What is the same for all frames of one function. */
export function functionKey([fn, file, , , , start]: RawFrame): string {
  return `${fn ?? `:${start ?? ''}`}\n${file}`;
}

/** A raw frame with its file made plain and its owner named. */
export function frameOf([fn, rawFile, line, column, async]: RawFrame): Frame {
  const file = plainFile(rawFile);
  return { function: fn, file, line, column, inApp: isInApp(file), async: async === 1 };
}

/**
 * Whether a late capture has met the callback that blocked. One that meets none of the program's
 * own code, or only a function that is just beginning, may be in the next callback already; Node's
 * own frames are still those of the turn.
 */
export function isOfItsCallback(frames: readonly RawFrame[], atEntry: boolean): boolean {
  const [first, ...others] = frames;
  if (first === undefined) return false;
  const isNode = ([, file]: RawFrame) => file?.startsWith('node:') === true;
  // A stack of one frame is a callback that has just begun; the parser's belongs to its request.
  if (frames.every(isNode)) return others.length > 0 || first[1] === 'node:_http_common';
  return (atEntry ? others : frames).some(([, file]) => isInApp(plainFile(file)));
}
