/** Flame graphs in the form in which pages get them: frames by number, and nothing too small to see. */
import { addStack, type FlameNode, flameRoot } from '../export/flame-tree.js';
import { frameName, sampleMs } from '../export/frame-name.js';
import type { BlockRecord, Frame } from '../record/record.js';
import type { FlamePicture, FlameShape, FrameLabel } from './pictures.js';
import { shown } from './words.js';

/** What is narrower than this part of its graph can't be seen, nor hit. */
const LEAST_SHARE = 0.002;

/** Deeper stacks are recursions. */
const MOST_DEPTH = 200;

/** Stacks of some records, added up. */
export class FlameSum {
  readonly root: FlameNode = flameRoot();

  add(record: BlockRecord): void {
    const each = sampleMs(record);
    for (const { count, frames } of record.samples.stacks) {
      if (frames.length > 0) addStack(this.root, frames, count * each);
    }
  }
}

/** Numbers frames over all the graphs of a page. */
export class FrameNumbers {
  readonly labels: FrameLabel[] = [];
  readonly #numbers = new Map<string, number>();

  #numberOf(frame: Frame): number {
    const { file, line, inApp } = frame;
    const place = file === null ? null : shown(line === null ? file : `${file}:${line}`);
    const label = { name: shown(frameName(frame)), place, inApp };
    const key = JSON.stringify(label);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.labels.push(label) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  #shapes(node: FlameNode, leastMs: number, depth: number): FlameShape[] {
    if (depth === MOST_DEPTH) return [];
    return [...node.children.values()]
      .filter(({ ms }) => ms >= leastMs)
      .sort((a, b) => b.ms - a.ms)
      .map((child) => [
        this.#numberOf(child.frame as Frame),
        Math.round(child.ms * 10) / 10,
        this.#shapes(child, leastMs, depth + 1),
      ]);
  }

  picture({ root }: FlameSum): FlamePicture {
    const leastMs = root.ms * LEAST_SHARE;
    return { ms: Math.round(root.ms * 10) / 10, roots: this.#shapes(root, leastMs, 0) };
  }
}
