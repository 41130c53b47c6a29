/** What warn mode shows: a block of text on the console, and a note at the foot of HTML pages. */
import { plain } from '../shared/plain-text.js';
import { escaped } from './html.js';
import type { StrictFacts } from './page.js';
import { duration, functionName, place, requestLine } from './words.js';

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
export function warnBlock(facts: StrictFacts): string {
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

const BOX =
  'all:initial;position:fixed;z-index:2147483647;right:12px;bottom:12px;max-width:min(440px,calc(100vw - 24px));box-sizing:border-box;padding:10px 14px;border-radius:10px;background:#7a1410;color:#fff;font:14px/1.5 system-ui,sans-serif;box-shadow:0 4px 18px rgba(0,0,0,.35)';

/**
 * HTML to be put before `</body>`: a note in the corner that opens on a click, without a script. A page
 * with a strict policy for styles shows it unstyled, at its foot.
 */
export function banner(facts: StrictFacts): string {
  const rows = [place(facts), requestLine(facts), facts.advice?.hint ?? null];
  const shown = rows.flatMap((row) =>
    row === null
      ? []
      : [
          `<span style="display:block;margin-top:6px;overflow-wrap:anywhere">${escaped(row)}</span>`,
        ],
  );
  return `<aside aria-label="loopwatch"><details style="${BOX}"><summary style="cursor:pointer;font-weight:600;overflow-wrap:anywhere">Event loop blocked for ${escaped(duration(facts.durationMs))} in ${escaped(functionName(facts))}</summary>${shown.join('')}</details></aside>`;
}

/** How often the same culprit is warned about, in ms. */
const EVERY_MS = 60_000;

/** Culprits remembered; with more of them the oldest warning is forgotten, and may come again. */
const MOST_KEYS = 1000;

/** Decides whether to warn: about each culprit once a minute. */
export class WarnLimiter {
  readonly #warnedMs = new Map<string, number>();

  /** @param nowMs of a clock that never goes back */
  shouldWarn(key: string, nowMs: number): boolean {
    const lastMs = this.#warnedMs.get(key);
    if (lastMs !== undefined && nowMs - lastMs < EVERY_MS) return false;
    // Set anew, it is the last of the map; its first is then the oldest.
    this.#warnedMs.delete(key);
    this.#warnedMs.set(key, nowMs);
    const [oldest] = this.#warnedMs.keys();
    if (this.#warnedMs.size > MOST_KEYS && oldest !== undefined) this.#warnedMs.delete(oldest);
    return true;
  }
}
