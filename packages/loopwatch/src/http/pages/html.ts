/** Text as HTML. */
import { plain } from '../../shared/text/plain-text.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** One line of text, for an element or for an attribute in quotes. */
export function escaped(text: string): string {
  return plain(text).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** The same for several lines. */
export function escapedLines(text: string): string {
  return text.split('\n').map(escaped).join('\n');
}
