/** What makes a report fail: for continuous integration. Pure. */
import { InvalidArgumentError } from 'commander';
import type { Pictures } from '../../shared/pictures/pictures.js';
import { parseDuration } from '../terminal/duration.js';

type Counts = Pictures['counts'];

/** One condition. */
export interface Condition {
  /** As it was given: `hangs`, `500ms`. */
  readonly name: string;
  readonly isMet: (counts: Counts) => boolean;
}

const CONDITIONS: Readonly<Record<string, Condition['isMet']>> = {
  blocks: ({ blocks }) => blocks > 0,
  hangs: ({ hangs }) => hangs > 0,
  unconfirmed: ({ unconfirmed }) => unconfirmed > 0,
};

function conditionOf(name: string): Condition {
  const known = Object.hasOwn(CONDITIONS, name) ? CONDITIONS[name] : undefined;
  if (known !== undefined) return { name, isMet: known };
  const ms = /^[\d.]/.test(name) ? parseDuration(name) : Number.NaN;
  if (!(ms > 0)) {
    throw new InvalidArgumentError('Give blocks, hangs, unconfirmed, or a time such as 500ms.');
  }
  return { name, isMet: ({ longestMs }) => longestMs >= ms };
}

/**
 * Reads `hangs,500ms`; a time stands for a block of that or more.
 *
 * @throws InvalidArgumentError
 */
export function parseConditions(text: string, before: readonly Condition[] = []): Condition[] {
  return [...before, ...text.split(',').map((name) => conditionOf(name.trim()))];
}
