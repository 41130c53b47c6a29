/** What warn mode shows on the console. */
import type { BlockFacts } from '../../shared/text/block-facts.js';
import { duration, functionName, place, requestLine } from '../../shared/text/block-words.js';
import { plain } from '../../shared/text/plain-text.js';

/** Columns of the box, frame included; longer words run over it. */
const WIDTH = 78;

/** Columns of a line's name. */
const NAME = 10;

/** Lines of at most `most` characters, broken between words. */
function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/**
 * The text that warns on the console, ending in a newline. Open on its right side, so that it stays
 * in shape whatever the width of the characters in it.
 */
export function warnBlock(facts: BlockFacts): string {
  const named: readonly (readonly [string, string | null])[] = [
    ['function', functionName(facts)],
    ['at', place(facts)],
    ['request', requestLine(facts)],
    ['fix', facts.advice?.hint ?? null],
  ];
  const body = named.flatMap(([name, text]) => {
    if (text === null) return [];
    const lines = wrapped(plain(text), WIDTH - NAME - 2);
    return lines.map((line, index) => `│ ${(index === 0 ? name : '').padEnd(NAME)}${line}`);
  });
  const title = `┌─ EVENT LOOP BLOCKED for ${duration(facts.durationMs)} `;
  return `${[title.padEnd(WIDTH, '─'), ...body, '└'.padEnd(WIDTH, '─')].join('\n')}\n`;
}
