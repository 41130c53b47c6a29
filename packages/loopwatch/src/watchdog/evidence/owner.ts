/** Whose code a stack shows: the application's, that of a package, or Node's own. */
import { packageOf } from '../../shared/record/frames.js';
import type { Frame } from '../../shared/record/record.js';
import type { Folded } from './fold.js';

/** Best evidence first. */
export type Owner = 'app' | 'awaiting' | 'dependency' | 'node';

/** Whether a frame is of an owner. */
export const BELONGS: Readonly<Record<Exclude<Owner, 'node'>, (frame: Frame) => boolean>> = {
  app: ({ inApp, async }) => inApp && !async,
  // A function that awaits what blocks.
  awaiting: ({ inApp }) => inApp,
  dependency: ({ file }) => packageOf(file) !== null,
};

const OWNERS = ['app', 'awaiting', 'dependency'] as const;

/** The index of the first frame that was on the stack while the time passed. */
export function firstCertain({ atEntry }: Folded): number {
  return atEntry ? 1 : 0;
}

/** Whose code a stack shows. */
export function ownerOf(folded: Folded): Owner {
  const certain = folded.frames.slice(firstCertain(folded));
  return OWNERS.find((owner) => certain.some(BELONGS[owner])) ?? 'node';
}

/** Whether any stack shows, or may show since it could not be read, code that is not Node's own. */
export function showsProgram(stacks: readonly Folded[]): boolean {
  const unreadable = ({ file, function: name }: Frame) => file === null && name === null;
  return stacks.some((folded) => ownerOf(folded) !== 'node' || folded.frames.some(unreadable));
}
