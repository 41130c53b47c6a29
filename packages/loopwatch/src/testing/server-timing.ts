/** What a watched server says of a request in its answer: `Server-Timing: loop;dur=`. */

/** Headers as the clients of the ecosystem hold them. */
type Headers =
  | { get(name: string): unknown }
  | Readonly<Record<string, unknown>>
  | (() => Readonly<Record<string, unknown>>);

/** An answer of fetch, undici, supertest, axios, node:http, or Playwright's request. */
export interface AnyResponse {
  readonly headers?: Headers;
}

function headerOf(response: AnyResponse, name: string): string | null {
  const { headers } = response;
  if (headers === undefined || headers === null) return null;
  // Playwright's is a method, which needs its response; fetch's and axios's have get().
  const held = typeof headers === 'function' ? headers.call(response) : headers;
  const { get } = held as { get?: unknown };
  const value =
    typeof get === 'function'
      ? (held as { get(name: string): unknown }).get(name)
      : Object.entries(held).find(([key]) => key.toLowerCase() === name)?.[1];
  if (value === undefined || value === null || value === false) return null;
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** The `dur` of the metric `loop` (W3C Server Timing, section 3), in ms; null without one. */
export function blockedMsIn(header: string): number | null {
  for (const metric of header.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    const [name, ...parameters] = metric
      .split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/)
      .map((part) => part.trim());
    if (name !== 'loop') continue;
    for (const parameter of parameters) {
      const [, value] = /^dur\s*=\s*"?([\d.]+)"?$/i.exec(parameter) ?? [];
      if (value !== undefined) return Number(value);
    }
  }
  return null;
}

/** What a response says: null where there is no such header, so that its server is not watched. */
export function serverBlockedMs(response: AnyResponse): number | null {
  const header = headerOf(response, 'server-timing');
  return header === null ? null : blockedMsIn(header);
}
