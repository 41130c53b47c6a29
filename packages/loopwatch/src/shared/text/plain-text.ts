/** Text from elsewhere, such as paths and names, made fit to be shown on one line. */

/**
 * Without control characters, which terminals obey, line breaks, and the marks that let text run
 * from right to left, by which code can be shown as what it is not. Tabs stay.
 */
export function plain(text: string): string {
  return text.replace(/[^\P{Cc}\t]|[\p{Bidi_Control}\u2028\u2029]/gu, '');
}
