/** Which files of a record may have a source map. Shared, so that plain programs pay for nothing more. */
import { isInApp } from '../record/frames.js';
import type { BlockRecord } from '../record/record.js';
import { isTranspiled, type MapLink, mapLinkOf } from './map-link.js';

/** What of a record its frames are in. */
export type Stacks = Pick<BlockRecord, 'culprit' | 'samples' | 'previousProcess'>;

/** Scripts of one report whose maps are read. */
const MOST_SCRIPTS = 8;

/** A file that V8 ran something else for, or something made from something else. */
export interface MappedScript {
  readonly script: string;
  /** Null where only the thread that runs it can know the map. */
  readonly link: MapLink | null;
}

/** The files of the application in a record: the only ones whose maps are worth reading. */
function ownFiles({ culprit, samples }: Stacks): Set<string> {
  const frames = samples.stacks.flatMap((stack) => stack.frames);
  const own = frames.filter(({ inApp }) => inApp).map(({ file }) => file);
  if (culprit !== null && isInApp(culprit.file)) own.push(culprit.file);
  return new Set(own.filter((file) => file !== null));
}

/** The scripts of a record that may have a source map: at most eight. */
export function mappedScripts(record: Stacks): MappedScript[] {
  return [...ownFiles(record)]
    .map((script) => ({ script, link: mapLinkOf(script) }))
    .filter(({ script, link }) => {
      // What another process had in its memory is gone with it.
      return link !== null || (!record.previousProcess && isTranspiled(script));
    })
    .slice(0, MOST_SCRIPTS);
}
