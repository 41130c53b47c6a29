/** A block as a Sentry event: pure, the same record gives the same event. */
import { adviceOf } from '../advice/choose-advice.js';
import { causeOf, type DeadClient } from '../record/dead-client.js';
import { packageOf } from '../record/frames.js';
import { type BlockRecord, type Frame, location } from '../record/record.js';
import type { ContextOf } from '../sources/source-context.js';
import type { DebugIds, Detail, SentryScope } from './sentry.js';

/** A file that goes with an event. */
export interface Attachment {
  readonly filename: string;
  readonly contentType: string;
  readonly data: string;
}

/** How an event is made. */
export interface EventOptions {
  readonly detail: Detail;
  /** Reads the code around a position; an SDK does that itself. */
  readonly context: ContextOf;
  /** What the program has said of the request; an SDK adds that itself, too. */
  readonly scope?: SentryScope | null;
  readonly debugIds?: DebugIds | null;
}

const DETAIL_FRAMES: Record<Detail, number> = { full: 100, minimal: 10 };

/** Upper ends of the duration tag, in ms: a tag may only have few values. */
const BUCKETS = [200, 500, 1000, 2000, 5000, 10_000, 60_000] as const;

function bucketOf(durationMs: number): string {
  const top = BUCKETS.find((limit) => durationMs <= limit);
  return top === undefined ? '>60000ms' : `<=${top}ms`;
}

function frameOf(frame: Frame, { detail, context: contextOf }: EventOptions): object {
  const context = detail === 'full' && frame.inApp ? contextOf(frame.file, frame.line) : null;
  return {
    function: frame.function ?? '<anonymous>',
    filename: frame.file ?? '<unknown>',
    abs_path: frame.file ?? undefined,
    lineno: frame.line ?? undefined,
    colno: frame.column ?? undefined,
    module: packageOf(frame.file) ?? undefined,
    in_app: frame.inApp,
    ...(context === null
      ? {}
      : {
          pre_context: context.before,
          context_line: context.line,
          post_context: context.after,
        }),
  };
}

/**
 * What groups blocks into issues: what caused it and the function, never the line that one sample
 * happened to show, nor how long it took.
 */
export function fingerprintOf({ cause, culprit }: BlockRecord): string[] {
  const where = culprit === null ? 'system' : `${culprit.file}:${culprit.function ?? ''}`;
  return ['loopwatch', cause, where];
}

function typeOf({ kind }: BlockRecord): string {
  return kind === 'hang' ? 'EventLoopHang' : 'EventLoopBlocked';
}

function messageOf(record: BlockRecord): string {
  if (record.culprit === null) return `Event loop blocked (${record.cause})`;
  const where = location({ ...record.culprit, line: null });
  return `Event loop blocked in ${record.culprit.function ?? '<anonymous>'} (${where})`;
}

/** What the event is called: `TYPE: VALUE`. */
export function titleOf(record: BlockRecord): string {
  return `${typeOf(record)}: ${messageOf(record)}`;
}

/** What lets Sentry find the source map of each file. */
function debugMeta(frames: readonly Frame[], debugIds: DebugIds): object | undefined {
  const files = new Set(frames.map(({ file }) => file ?? ''));
  const images = [...files].flatMap((file) => {
    const id = Object.hasOwn(debugIds, file) ? debugIds[file] : undefined;
    return id === undefined ? [] : [{ type: 'sourcemap', code_file: file, debug_id: id }];
  });
  return images.length === 0 ? undefined : { images };
}

/** The event, without what says who sends it. Its `event_id` is the record's id. */
export function sentryEvent(record: BlockRecord, options: EventOptions): object {
  const { thread, process, request, trace } = record;
  const endMs = Date.parse(record.startedAt) + record.durationMs;
  const frames = record.samples.stacks[0]?.frames.slice(0, DETAIL_FRAMES[options.detail]) ?? [];
  const threadId = String(thread.id);
  const handler = request === null ? null : (request.route ?? request.path);
  const said = options.detail === 'full' ? (options.scope ?? null) : null;
  const code = options.context(record.culprit?.file ?? null, record.culprit?.line ?? null);
  const advice = adviceOf(record, code?.line);
  return {
    event_id: record.id,
    timestamp: endMs / 1000,
    platform: 'node',
    level: record.kind === 'hang' ? 'error' : 'warning',
    logger: 'loopwatch',
    server_name: process.host,
    transaction:
      handler === null
        ? (said?.transaction ?? undefined)
        : [request?.method, handler].filter(Boolean).join(' '),
    fingerprint: fingerprintOf(record),
    exception: {
      values: [
        {
          type: typeOf(record),
          value: messageOf(record),
          thread_id: threadId,
          // handled: false would count the session as crashed.
          mechanism: { type: 'loopwatch', handled: true },
          stacktrace: { frames: frames.map((frame) => frameOf(frame, options)).reverse() },
        },
      ],
    },
    threads: {
      values: [
        { id: threadId, name: thread.name, current: true, crashed: false, main: thread.id === 0 },
      ],
    },
    request:
      request === null
        ? undefined
        : { method: request.method ?? undefined, url: request.path ?? undefined },
    user: said?.user ?? undefined,
    breadcrumbs: said === null || said.breadcrumbs.length === 0 ? undefined : said.breadcrumbs,
    debug_meta: debugMeta(frames, options.debugIds ?? {}),
    tags: {
      ...said?.tags,
      'loopwatch.kind': record.kind,
      'loopwatch.cause': record.cause,
      'loopwatch.precision': record.culprit?.precision ?? 'none',
      'loopwatch.invoker': record.invoker,
      'loopwatch.duration': bucketOf(record.durationMs),
      'loopwatch.advice': advice?.id,
    },
    contexts: {
      runtime: { name: 'node', version: process.node },
      trace: trace === null ? undefined : { trace_id: trace.traceId, span_id: trace.spanId },
      'event loop': {
        duration_ms: record.durationMs,
        threshold_ms: record.thresholdMs,
        ended: record.ended,
        samples: record.samples.count,
        delayed_requests: record.delayed?.requests,
        suppressed: record.suppressed,
        previous_process: record.previousProcess,
        advice: advice === null ? undefined : `${advice.title}. ${advice.hint}`,
      },
    },
  };
}

/**
 * A dead client as an event; those of one cause are one issue. The least of it has no addresses, and
 * nothing that `watch` was given.
 */
export function deadClientEvent(
  client: DeadClient,
  { detail, scope = null }: Pick<EventOptions, 'detail' | 'scope'> = { detail: 'full' },
): object {
  const cause = causeOf(client);
  const isFull = detail === 'full';
  const said = isFull ? scope : null;
  return {
    event_id: client.id,
    timestamp: Date.parse(client.detectedAt) / 1000,
    platform: 'node',
    level: 'warning',
    logger: 'loopwatch',
    server_name: client.process?.host,
    fingerprint: ['loopwatch', 'dead-client', cause],
    message: isFull ? client.message : `a client is dead (${cause})`,
    user: said?.user ?? undefined,
    tags: { ...said?.tags, 'loopwatch.kind': 'dead-client', 'loopwatch.cause': cause },
    contexts: {
      runtime: { name: 'node', version: client.process?.node },
      'dead client': isFull ? client : undefined,
    },
  };
}

/** The whole record beside the event, which shows one of its stacks. */
export function attachmentOf(record: BlockRecord): Attachment {
  const data = JSON.stringify(record);
  return { filename: 'loopwatch-block.json', contentType: 'application/json', data };
}
