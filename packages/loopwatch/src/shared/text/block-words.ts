/** What the page, the banner and the console say of a block in the same words. */
import type { BlockFacts } from './block-facts.js';

/** `412 ms`, `12.3 s`. */
export function duration(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function functionName({ culprit }: BlockFacts): string {
  return culprit === null ? 'not known' : (culprit.function ?? '(anonymous)');
}

/** `/srv/app/report.js:88:12`, as far as it is known, or null. */
export function place({ culprit }: BlockFacts): string | null {
  if (culprit?.file == null) return null;
  return [culprit.file, culprit.line, culprit.column].filter((part) => part !== null).join(':');
}

/** `GET /report/:id`, or null. */
export function requestLine({ method, route, path }: BlockFacts): string | null {
  return [method, route ?? path].filter(Boolean).join(' ') || null;
}
