/** What is to become of the answer to a request: asked for while it is sent. */
import type { StrictResponse } from '../../shared/text/block-facts.js';

/** A header, and what becomes of one that the program has set itself. */
export interface Field {
  readonly name: string;
  readonly value: string;
  readonly existing: 'append' | 'keep' | 'replace';
}

/** How the answer to one request is to be changed. */
export interface Answer {
  /** Whether another answer has taken the place of the program's. */
  replaced: boolean;
  /** What to send instead, if anything: asked once, when the program begins to answer. */
  instead(): StrictResponse | null;
  /** What to put into HTML, if anything. */
  banner(): string | null;
  /** The headers to add. */
  fields(): Field[];
  /** The trailer to add; null when there is nothing that the headers have not told. */
  trailer(): string | null;
  /** Whether the client takes trailers. */
  readonly takesTrailers: boolean;
}
