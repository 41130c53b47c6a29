/** How a call that blocks is recognised. */
import type { Frame } from '../record/record.js';
import type { Advice } from './advice.js';

/** A call that blocks, and how it is recognised. */
export interface Call {
  readonly advice: Advice;
  readonly isFrame: (frame: Frame) => boolean;
  /** True where the program's functions are called by it: it is then around them. */
  readonly callsBack?: boolean;
  /** Recognises the call in the line that made it. */
  readonly source?: RegExp;
  /** True where the thread may sleep in it; other calls only compute. */
  readonly waits?: boolean;
}

/** A function of V8, which has no file. */
export function builtin(name: RegExp): Call['isFrame'] {
  return (frame) => frame.file === null && name.test(frame.function ?? '');
}

/** A function of Node's own. */
export function nodes(file: RegExp, name = /./): Call['isFrame'] {
  return (frame) => file.test(frame.file ?? '') && name.test(frame.function ?? '');
}

/** A function of a package. */
export function packages(file: RegExp): Call['isFrame'] {
  return (frame) => !frame.inApp && file.test(frame.file ?? '');
}

export function either(one: Call['isFrame'], other: Call['isFrame']): Call['isFrame'] {
  return (frame) => one(frame) || other(frame);
}
