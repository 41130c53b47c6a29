/** What a blocked request is answered with in strict mode, and what that answer is made of. */

/** What is known about the block of one request when its answer is due. */
export interface StrictFacts {
  readonly durationMs: number;
  readonly culprit: {
    readonly function: string | null;
    readonly file: string | null;
    readonly line: number | null;
    readonly column: number | null;
  } | null;
  readonly cause: string;
  readonly method: string | null;
  readonly route: string | null;
  readonly path: string | null;
  readonly requestId: string;
  readonly advice: string | null;
  readonly lines: readonly {
    readonly number: number;
    readonly text: string;
    readonly isCulprit: boolean;
  }[];
}

export interface StrictResponse {
  readonly status: 503;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Makes the answer in the form that the client accepts. */
export type StrictAnswer = (facts: StrictFacts, accept: string | undefined) => StrictResponse;
