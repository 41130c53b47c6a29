/** The answer to a blamed request in strict mode. */
import type { StrictFacts, StrictResponse } from '../shared/strict.js';

/** The answer: JSON, whatever the client accepts. */
export function strictResponse(facts: StrictFacts, _accept: string | undefined): StrictResponse {
  const body = JSON.stringify({ error: 'event loop blocked', ...facts });
  return {
    status: 503,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: `${body}\n`,
  };
}
