/** The pool's thread: reads source maps, keeps the latest, and answers by them. */
import { mapText, readBounded } from './map/map-text.js';
import { type Answer, MapFailure, type Question } from './map/question.js';
import { parseMap } from './map/source-map.js';
import { MappedScript } from './places.js';

/**
 * Maps are kept until they are more than this together, by the length of their texts; the latest always
 * is. What is decoded of it takes about as much again.
 */
const MOST_KEPT = 32 * 1024 * 1024;

interface Kept {
  readonly stamp: string | null;
  readonly size: number;
  readonly script: MappedScript;
}

/** By script. Latest last. */
const kept = new Map<string, Kept>();

function makeRoom(): void {
  let size = [...kept.values()].reduce((sum, each) => sum + each.size, 0);
  for (const [name, each] of kept) {
    if (size <= MOST_KEPT || kept.size === 1) return;
    kept.delete(name);
    size -= each.size;
  }
}

function scriptText({ script, memory }: Question): string {
  // What is on the disk is then what it was made from.
  if (memory !== null) return '';
  try {
    return readBounded(script);
  } catch {
    return '';
  }
}

function open(question: Question): MappedScript {
  const { script, link, memory, roots } = question;
  const stamp = link?.stamp ?? null;
  const known = kept.get(script);
  kept.delete(script);
  if (known !== undefined && memory === null && known.stamp === stamp) {
    kept.set(script, known);
    return known.script;
  }
  const { text, folder } = mapText(question);
  const required = link !== null && link.url === null && !link.inline;
  const map = parseMap(text, { debugId: link?.debugId ?? null, required });
  const mapped = new MappedScript(map, { map: folder, roots }, scriptText(question));
  kept.set(script, { stamp, size: text.length, script: mapped });
  makeRoom();
  return mapped;
}

/** What the pool runs for each script of a report. */
export default function answer(question: Question): Answer {
  try {
    return open(question).places(question.positions);
  } catch (error) {
    const failure = error instanceof MapFailure ? error.reason : 'failed';
    return { failure, places: [] };
  }
}
