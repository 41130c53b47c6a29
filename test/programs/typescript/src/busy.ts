/** Somebody's report, that takes its time. */
interface Report {
  readonly rows: number;
}

export class Renderer {
  readonly #title: string;

  constructor(title: string) {
    this.#title = title;
  }

  renderReport(ms: number): Report {
    return { rows: computeRows(ms, this.#title) };
  }
}

type Rows = number;

function computeRows(ms: number, title: string): Rows {
  const until: number = Date.now() + ms;
  let rows: Rows = 0;
  while (Date.now() < until) rows += title.length; // culprit
  return rows;
}
