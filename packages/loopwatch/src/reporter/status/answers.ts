/** What the status server answers to each request, without a socket in sight. */
import type { IncomingHttpHeaders } from 'node:http';
import { isAuthorized, isForUs } from './access.js';
import { type CaptureRequest, captureRequest, isCapturePath } from './capture-request.js';
import type { CaptureFile, NoCapture } from './captures.js';
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
  /** Whether {@link Sources.events} follow, for as long as they are read. */
  readonly streams?: boolean;
  /** What is to be captured first: {@link captureAnswer} is the answer then. */
  readonly capture?: CaptureRequest;
}

/** What has been sent to a reader of events: the version of what there was to tell. */
export type Version = number;

/** The page that shows the status to people. */
export interface Shell {
  readonly html: string;
  /** Its Content-Security-Policy. */
  readonly policy: string;
}

/** What there is to tell. */
export interface Sources {
  live(): Health;
  ready(): Health;
  metrics(format: Format): string;
  blocks(): unknown;
  clients(): unknown;
  /** Holds nothing of the program. */
  shell(): Shell;
  /** What is new since a version, as server-sent events. */
  events(since: Version): { readonly text: string; readonly version: Version };
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

const EVENTS_TYPE = 'text/event-stream; charset=utf-8';

/** The page asks for its data with the token, which no browser can send when it opens a page. */
const OPEN = '/';

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
  [
    OPEN,
    (sources) => {
      const { html, policy } = sources.shell();
      return answer(200, HTML_TYPE, html, { 'content-security-policy': policy });
    },
  ],
  ['/events', () => ({ ...answer(200, EVENTS_TYPE, ''), streams: true })],
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
  const path = target.split('?', 1)[0] as string;
  if (path !== OPEN && !isAuthorized(headers.authorization, rules.token)) {
    return refusal(401, 'a token is needed', { 'www-authenticate': 'Bearer realm="loopwatch"' });
  }
  if (isCapturePath(path)) {
    const request = captureRequest(method, target, rules.token);
    if ('why' in request) return refusal(request.status, request.why, request.headers);
    return { ...answer(200, JSON_TYPE, ''), capture: request };
  }
  const page = pages.get(path);
  if (page === undefined) return refusal(404, 'there is no such page');
  if (!METHODS.includes(method)) {
    return refusal(405, 'this server only tells', { allow: METHODS.join(', ') });
  }
  return page(sources, headers);
}

/** The head of an answer to who asked for a capture; the file itself follows where there is one. */
export function captureAnswer(
  { kind }: CaptureRequest,
  outcome: CaptureFile | NoCapture,
  name: string,
): Answer {
  if ('why' in outcome) return refusal(outcome.status, outcome.why);
  const ending = kind === 'cpu-profile' ? 'cpuprofile' : 'heapsnapshot';
  return answer(200, JSON_TYPE, '', {
    'content-length': String(outcome.bytes),
    'content-disposition': `attachment; filename="${name}.${ending}"`,
  });
}

/** The answer to one reader of events too many. */
export function full(): Answer {
  return refusal(503, 'too many read the events already', { 'retry-after': '10' });
}

/** The answer to a request that made us fail. */
export function failure(): Answer {
  return refusal(500, 'that did not work');
}
