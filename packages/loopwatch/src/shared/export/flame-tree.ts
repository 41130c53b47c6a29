/** Stacks added up: which functions, called by which, took how much of the time. */
import type { Frame } from '../record/record.js';

/** One function under its callers. */
export interface FlameNode {
  /** Null for the whole. */
  readonly frame: Frame | null;
  /** Time in it and in what it called. */
  ms: number;
  readonly children: Map<string, FlameNode>;
}

/** Frames that are the same function. */
function keyOf({ function: name, file, line }: Frame): string {
  return `${name ?? `:${line}`}\n${file}`;
}

/** A tree without stacks. */
export function flameRoot(): FlameNode {
  return { frame: null, ms: 0, children: new Map() };
}

/**
 * @param frames innermost first
 * @param ms the time that this stack stands for
 */
export function addStack(root: FlameNode, frames: readonly Frame[], ms: number): void {
  let node = root;
  node.ms += ms;
  for (const frame of frames.toReversed()) {
    const key = keyOf(frame);
    let child = node.children.get(key);
    if (child === undefined) {
      child = { frame, ms: 0, children: new Map() };
      node.children.set(key, child);
    }
    child.ms += ms;
    node = child;
  }
}
