/** A thread as a test imagines it, and the profile that V8 would have made of it. */
import type { CpuProfile, ProfileNode } from '#src/profile/cpu-profile.js';

/** A function; the file tells whose it is. */
export interface Fn {
  readonly name: string;
  readonly url: string;
}

/** A moment: the stack, outermost first, and the line that the innermost function was on. */
export interface Moment {
  readonly stack: readonly Fn[];
  readonly line: number;
}

/** Function names stand for lines, so that each has its own. */
const DECLARED_AT = 10;

type Writable = { -readonly [K in keyof ProfileNode]: ProfileNode[K] } & {
  children: number[];
  positionTicks: { line: number; ticks: number }[];
};

function nodeOf(id: number, { name, url }: Fn): Writable {
  const place = url === '' ? { lineNumber: -1 } : { lineNumber: DECLARED_AT - 1 };
  const callFrame = { functionName: name, scriptId: '1', url, columnNumber: 1, ...place };
  return { id, callFrame, hitCount: 0, children: [], positionTicks: [] };
}

/** A profile with one sample each `stepUs` from `startTime` on. */
export function profileOf(moments: readonly Moment[], startTime = 0, stepUs = 10_000): CpuProfile {
  const root = nodeOf(1, { name: '(root)', url: '' });
  const nodes = [root];
  const samples = moments.map(({ stack, line }) => {
    let at = root;
    for (const fn of stack) {
      const known = at.children
        .map((id) => nodes[id - 1] as Writable)
        .find(({ callFrame: { functionName, url } }) => functionName === fn.name && url === fn.url);
      const next = known ?? nodeOf(nodes.length + 1, fn);
      if (known === undefined) {
        nodes.push(next);
        at.children.push(next.id);
      }
      at = next;
    }
    at.hitCount = (at.hitCount ?? 0) + 1;
    const tick = at.positionTicks.find((one) => one.line === line);
    if (tick === undefined) at.positionTicks.push({ line, ticks: 1 });
    else tick.ticks++;
    return at.id;
  });
  return {
    nodes,
    startTime,
    endTime: startTime + stepUs * (samples.length + 1),
    samples,
    timeDeltas: samples.map(() => stepUs),
  };
}
