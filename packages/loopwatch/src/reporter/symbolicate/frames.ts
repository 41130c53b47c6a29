/** A record's frames as questions about scripts, and the answers put back: pure. */

import { isInApp, packageOf } from '../../shared/record/frames.js';
import type { Culprit, Frame } from '../../shared/record/record.js';
import type { Stacks } from '../../shared/sources/mapped-scripts.js';
import type { Place, Position } from './map/question.js';

/** Positions asked for in one report; a stack has up to 100 frames, a record up to 16 stacks. */
const MOST_POSITIONS = 2000;

/** By script and position. */
export type Places = ReadonlyMap<string, Place | null>;

/** What tells two positions of a script apart, the caller included, since it may know the name. */
export function keyOf(file: string, { line, column, function: name, call }: Position): string {
  return JSON.stringify([file, line, column, name, call?.line, call?.column]);
}

/** A frame's position, or null where it has none. */
function positionIn(frames: readonly Frame[], index: number): Position | null {
  const { function: name, file, line, column } = frames[index] as Frame;
  if (file === null || line === null || column === null) return null;
  const caller = frames[index + 1];
  const isCalled = caller?.file === file && caller.line !== null && caller.column !== null;
  const call = isCalled ? { line: caller.line as number, column: caller.column as number } : null;
  return { line, column, function: name, call };
}

/** The stack and frame that a culprit was taken from; null where that is not among the stacks. */
function sourceOf(
  { samples }: Stacks,
  culprit: Culprit,
): { frames: readonly Frame[]; index: number } | null {
  for (const { frames } of samples.stacks) {
    const index = frames.findIndex(
      ({ function: name, file, line, column }) =>
        name === culprit.function &&
        file === culprit.file &&
        line === culprit.line &&
        column === culprit.column,
    );
    if (index !== -1) return { frames, index };
  }
  return null;
}

function culpritPosition(record: Stacks, culprit: Culprit): Position | null {
  const found = sourceOf(record, culprit);
  return found === null
    ? positionIn([{ ...culprit, inApp: true, async: false }], 0)
    : positionIn(found.frames, found.index);
}

/** The positions of a record in one file, each once. */
export function positionsIn(record: Stacks, file: string): Position[] {
  const found = new Map<string, Position>();
  const add = (position: Position | null) => {
    if (position !== null && found.size < MOST_POSITIONS)
      found.set(keyOf(file, position), position);
  };
  for (const { frames } of record.samples.stacks) {
    for (const [index, frame] of frames.entries()) {
      if (frame.file === file) add(positionIn(frames, index));
    }
  }
  if (record.culprit?.file === file) add(culpritPosition(record, record.culprit));
  return [...found.values()];
}

function placeOf(places: Places, file: string | null, position: Position | null): Place | null {
  if (file === null || position === null) return null;
  return places.get(keyOf(file, position)) ?? null;
}

function symbolicatedFrame(places: Places, frames: readonly Frame[], index: number): Frame {
  const frame = frames[index] as Frame;
  const place = placeOf(places, frame.file, positionIn(frames, index));
  if (place === null) return frame;
  const { file, line, column, function: name, ignored } = place;
  const inApp = frame.inApp && !ignored && isInApp(file);
  return { ...frame, function: name ?? frame.function, file, line, column, inApp };
}

/**
 * The culprit in its source. One whose source turns out to be a dependency's, which the bundler had put
 * among the application's code, gives way to the function of the application that called it.
 */
function symbolicatedCulprit(record: Stacks, places: Places): Culprit | null {
  const { culprit } = record;
  if (culprit === null) return null;
  const place = placeOf(places, culprit.file, culpritPosition(record, culprit));
  if (place === null) return culprit;
  const { file, line, column, ignored } = place;
  const own = { function: place.function ?? culprit.function, file, line, column };
  const here = packageOf(file);
  if (here === null && !ignored) return { ...culprit, ...own };
  const inside = here ?? culprit.package;
  const found = sourceOf(record, culprit);
  const frames = found?.frames ?? [];
  for (let index = (found?.index ?? 0) + 1; index < frames.length; index++) {
    const frame = symbolicatedFrame(places, frames, index);
    if (!frame.inApp || frame.async) continue;
    const { function: name, file, line, column } = frame;
    return { function: name, file, line, column, package: inside, precision: culprit.precision };
  }
  return { ...culprit, ...own, package: inside };
}

/** The record with the places of its frames in the source code. */
export function symbolicated<R extends Stacks>(record: R, places: Places): R {
  const stacks = record.samples.stacks.map(({ count, frames }) => {
    return { count, frames: frames.map((_, index) => symbolicatedFrame(places, frames, index)) };
  });
  const samples = { ...record.samples, stacks };
  return { ...record, culprit: symbolicatedCulprit(record, places), samples };
}
