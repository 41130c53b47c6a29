/** What the status server answers to each request, without a socket in sight. */
import type { IncomingHttpHeaders } from 'node:http';
import { isAuthorized, isForUs } from './access.js';
import type { Health } from './health.js';
import { CONTENT_TYPES, type Format, formatFor } from './metrics-text.js';

export interface Request {
  readonly method: string;
  /** As the request line has it. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What there is to tell. */
export interface Sources {
  live(): Health;
  ready(): Health;
  metrics(format: Format): string;
  blocks(): unknown;
  clients(): unknown;
}

/** Who may ask. */
export interface Rules {
  /** The host that the server was told to listen on. */
  readonly host: string;
  /** The machine's name. */
  readonly machine: string;
  /** '' where none is needed. */
  readonly token: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';

/** On every answer: nothing of it is to be kept, guessed at, run or framed. */
const ALWAYS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const METHODS = ['GET', 'HEAD'];

const INDEX = `<!doctype html>
<html lang="en">
<title>loopwatch</title>
<h1>loopwatch</h1>
<ul>
<li><a href="/livez">/livez</a>: 503 while the event loop hangs
<li><a href="/readyz">/readyz</a>: 503 also before the program is up
<li><a href="/metrics">/metrics</a>: for Prometheus
<li><a href="/blocks">/blocks</a>: the latest blocks, as JSON
<li><a href="/clients">/clients</a>: clients that something waits for, as JSON
</ul>
</html>
`;

function answer(
  status: number,
  type: string,
  body: string,
  more: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { ...ALWAYS, 'content-type': type, ...more }, body };
}

function refusal(status: number, why: string, more?: Readonly<Record<string, string>>): Answer {
  return answer(status, TEXT_TYPE, `${why}\n`, more);
}

function jsonAnswer(value: unknown): Answer {
  return answer(200, JSON_TYPE, `${JSON.stringify(value)}\n`);
}

function healthAnswer(health: Health): Answer {
  return answer(health.status === 'ok' ? 200 : 503, JSON_TYPE, `${JSON.stringify(health)}\n`);
}

type Page = (sources: Sources, headers: IncomingHttpHeaders) => Answer;

const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['/', () => answer(200, HTML_TYPE, INDEX)],
  ['/livez', (sources) => healthAnswer(sources.live())],
  ['/readyz', (sources) => healthAnswer(sources.ready())],
  [
    '/metrics',
    (sources, { accept }) => {
      const format = formatFor(accept);
      return answer(200, CONTENT_TYPES[format], sources.metrics(format), { vary: 'accept' });
    },
  ],
  ['/blocks', (sources) => jsonAnswer(sources.blocks())],
  ['/clients', (sources) => jsonAnswer(sources.clients())],
]);

/** The answer to a request; it does not depend on anything else. */
export function answerTo(
  { method, target, headers }: Request,
  rules: Rules,
  sources: Sources,
): Answer {
  if (!isForUs(headers.host, rules.host, rules.machine)) {
    return refusal(421, 'this server does not go by that name');
  }
  if (!isAuthorized(headers.authorization, rules.token)) {
    return refusal(401, 'a token is needed', { 'www-authenticate': 'Bearer realm="loopwatch"' });
  }
  const page = pages.get(target.split('?', 1)[0] as string);
  if (page === undefined) return refusal(404, 'there is no such page');
  if (!METHODS.includes(method)) {
    return refusal(405, 'this server only tells', { allow: METHODS.join(', ') });
  }
  return page(sources, headers);
}

/** The answer to a request that made us fail. */
export function failure(): Answer {
  return refusal(500, 'that did not work');
}
