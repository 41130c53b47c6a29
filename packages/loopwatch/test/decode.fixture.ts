/** A source map decoder as slow and as obvious as the specification: what others are compared with. */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The numbers of one segment. */
function numbersIn(segment: string): number[] {
  const numbers: number[] = [];
  let bits = '';
  for (const char of segment) {
    const digit = DIGITS.indexOf(char);
    bits = (digit % 32).toString(2).padStart(5, '0') + bits;
    if (digit >= 32) continue;
    const value = Number.parseInt(bits, 2);
    numbers.push(value % 2 === 1 ? -Math.floor(value / 2) : value / 2);
    bits = '';
  }
  return numbers;
}

/** The original of a position, lines and columns from 1; null where there is none. */
export function originalOf(
  {
    mappings,
    sources,
  }: { readonly mappings: string; readonly sources: readonly (string | null)[] },
  line: number,
  column: number,
): { source: string; line: number; column: number } | null {
  let [source, originalLine, originalColumn] = [0, 0, 0];
  let found: { source: string; line: number; column: number } | null = null;
  for (const [index, text] of mappings.split(';').entries()) {
    let generated = 0;
    for (const segment of text.split(',').filter((part) => part !== '')) {
      const [by = 0, ...original] = numbersIn(segment);
      generated += by;
      source += original[0] ?? 0;
      originalLine += original[1] ?? 0;
      originalColumn += original[2] ?? 0;
      if (index + 1 !== line || generated + 1 > column) continue;
      const name = sources[source] as string;
      found =
        original.length === 0
          ? null
          : { source: name, line: originalLine + 1, column: originalColumn + 1 };
    }
  }
  return found;
}
