/** How much memory a JSON text will take when it is parsed, which its length does not say. */

/**
 * Values in a text that is parsed. The largest maps known have 500,000 names; each value takes up to 100
 * bytes, while parsing can't be stopped.
 */
const MOST_VALUES = 2_000_000;

/** Arrays and objects in each other. */
const DEEPEST = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}

/** The end of a string that begins at a quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at === -1) return text.length;
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return at;
  }
}

/** Whether a text has few enough values to be parsed. Texts that are no JSON may be either. */
export function isParsable(text: string): boolean {
  let [values, depth] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA) values++;
    else if (isOpening(code)) {
      values++;
      depth++;
    } else if (isClosing(code)) depth--;
    if (values > MOST_VALUES || depth > DEEPEST) return false;
  }
  return true;
}
