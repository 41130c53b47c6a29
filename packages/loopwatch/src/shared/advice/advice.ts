/** What a piece of advice consists of. */

/** What to use instead of what blocked. */
export interface Advice {
  /** Stable, for tags and links: lower case with hyphens. */
  readonly id: string;
  /** One sentence on one line, at most 200 characters. */
  readonly hint: string;
  readonly title: string;
  /** What happened and what helps, in a few sentences without markup. */
  readonly text: string;
  /** JavaScript, to be adapted. */
  readonly snippet: string;
  readonly links?: readonly Link[];
}

export interface Link {
  readonly title: string;
  /** Always https. */
  readonly url: string;
}
