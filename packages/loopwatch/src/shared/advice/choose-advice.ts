/** What to do about a block: pure, and told by tables that the documentation is made of, too. */

import type { Advised, FoldedStack, Frame } from '../record/record.js';
import type { Advice } from './advice.js';
import { calls } from './advice-calls.js';
import { situations } from './advice-situations.js';
import type { Call } from './blocking-call.js';

/** Longest package name that fits a hint; npm allows 214. */
const MOST_NAME = 60;

/** Longer lines are minified, or cut: what they show need not be what ran. */
const MOST_LINE = 199;

/** How far from the innermost frame a call that calls back is looked for. */
const REACH = 8;

/** What Node's own code calls is no call of the program's: the address that it looks up by a regular expression, say. */
function isOfNode(inner: readonly Frame[], index: number): boolean {
  return inner[index]?.file === null && inner[index + 1]?.file?.startsWith('node:') === true;
}

/** The call of a stack: made by the innermost frame of the program, or, calling it back, around it. */
function callOn({ frames }: FoldedStack): Call | null {
  const first = frames.findIndex(({ inApp, async }) => inApp && !async);
  const inner = first === -1 ? frames : frames.slice(0, first);
  for (const [index, frame] of inner.entries()) {
    if (isOfNode(inner, index)) continue;
    const call = calls().find(({ isFrame }) => isFrame(frame));
    if (call !== undefined) return call;
  }
  const around = frames.slice(inner.length, inner.length + REACH);
  return calls().find(({ isFrame, callsBack }) => callsBack && around.some(isFrame)) ?? null;
}

/** The call that most samples show, and whether that is at least half of them. */
function callInFrames({ samples }: Advised): { call: Call | null; isMost: boolean } {
  const counts = new Map<Call, number>();
  for (const stack of samples.stacks) {
    const call = callOn(stack);
    if (call !== null) counts.set(call, (counts.get(call) ?? 0) + stack.count);
  }
  const [heaviest] = [...counts].sort(([, one], [, other]) => other - one);
  if (heaviest === undefined) return { call: null, isMost: false };
  const whole = samples.stacks.reduce((sum, { count }) => sum + count, 0);
  return { call: heaviest[0], isMost: heaviest[1] * 2 >= whole };
}

/** Of a native call often nothing is left on the stack but who made it. */
function callInSource({ cause }: Advised, code: string): Call | null {
  const isMade = ({ source, waits = false }: Call) =>
    (waits || cause !== 'sync-io') && source?.test(code) === true;
  return calls().find(isMade) ?? null;
}

/** The code of a line, without the comment that ends it. */
function codeOf(line: string | null | undefined): string | null {
  return line == null || line.length > MOST_LINE ? null : line.replace(/(?:^|\s)\/\/.*$/, '');
}

/** A package's name on one line, and no longer than a hint can hold. */
function nameOf(name: string): string {
  return name.replace(/[^\x21-\x7e]/g, '').slice(0, MOST_NAME);
}

/**
 * The call that a block was in. JavaScript can be sampled anywhere, so that half of the samples have to show
 * it; the sample of a native call may land in what came next, which says less than the line that made it.
 */
function callOf(record: Advised, code: string | null): Call | null {
  const { call, isMost } = callInFrames(record);
  if (isMost) return call;
  const made = code === null ? null : callInSource(record, code);
  return made ?? (record.cause === 'javascript' ? null : call);
}

/**
 * What to do about a block, or null where too little is known of it.
 *
 * @param line the source line of the culprit, where it can be read
 */
export function adviceOf(record: Advised, line?: string | null): Advice | null {
  const code = codeOf(line);
  const applying = situations().filter(({ applies }) => applies(record, code));
  const found = applying.find(({ decides }) => decides) ?? callOf(record, code) ?? applying[0];
  if (found === undefined) return null;
  const { advice } = found;
  const dependency = record.culprit?.package ?? null;
  if (dependency === null) return advice;
  const name = nameOf(dependency);
  if (advice.id === 'dependency') {
    const named = (text: string) => text.replaceAll('PACKAGE', () => name);
    return {
      ...advice,
      hint: named(advice.hint),
      title: named(advice.title),
      text: named(advice.text),
    };
  }
  const text = `${advice.text} It happens in the package ${name}: look for an asynchronous method, an option or an update of it.`;
  return { ...advice, text };
}
