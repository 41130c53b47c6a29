/** What a client wants to read, by its Accept header (RFC 9110, section 12.5.1). */

interface Wish {
  readonly q: number;
  /** 2 for the type itself, 1 for its family, 0 for anything. */
  readonly specificity: number;
  /** Its place in the header. */
  readonly index: number;
}

const UNWANTED: Wish = { q: 0, specificity: -1, index: Number.POSITIVE_INFINITY };

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => /^\s*q\s*=/i.test(parameter));
  if (given === undefined) return 1;
  const q = Number(given.slice(given.indexOf('=') + 1));
  return q >= 0 && q <= 1 ? q : 0;
}

/** What the most specific range that fits a type says of it. */
function wishFor(type: string, accept: string): Wish {
  const ranges = ['*/*', `${type.split('/')[0]}/*`, type];
  let best = UNWANTED;
  for (const [index, part] of accept.split(',').entries()) {
    const [range = '', ...parameters] = part.split(';');
    const specificity = ranges.indexOf(range.trim().toLowerCase());
    if (specificity > best.specificity) best = { q: qualityOf(parameters), specificity, index };
  }
  return best;
}

/** Whether a client would rather read HTML than JSON. One that takes anything gets JSON. */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const html = wishFor('text/html', accept);
  const json = wishFor('application/json', accept);
  if (html.q === 0) return false;
  if (html.q !== json.q) return html.q > json.q;
  if (html.specificity !== json.specificity) return html.specificity > json.specificity;
  return html.index < json.index;
}
