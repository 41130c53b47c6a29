/**
 * loopwatch's metrics and a span for each block, through the application's OpenTelemetry SDK.
 *
 * @packageDocumentation
 */
import {
  type Attributes,
  type Context,
  type Meter,
  metrics,
  ROOT_CONTEXT,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Distribution, Scalar } from '../shared/metrics/metric-families.js';
import type { BlockRecord } from '../shared/record/record.js';
import { currentFamilies, onEveryBlock } from './feed.js';

const SCOPE = 'loopwatch';

/** The name of the span. */
const SPAN = 'event_loop_blocked';

/** Where metrics and spans go. */
export interface RegisterOptions {
  /** Default: `metrics.getMeter('loopwatch')`. */
  readonly meter?: Meter | undefined;
  /** Default: `trace.getTracer('loopwatch')`. */
  readonly tracer?: Tracer | undefined;
}

/** `loopwatch_blocks_total` is `loopwatch.blocks.total`. */
function dotted(name: string): string {
  return name.replaceAll('_', '.');
}

function unitOf(name: string): { unit?: string } {
  return name.endsWith('_seconds') ? { unit: 's' } : {};
}

function registerScalar(meter: Meter, { name, help, type }: Scalar): void {
  const options = { description: help, ...unitOf(name) };
  const instrument =
    type === 'counter'
      ? meter.createObservableCounter(dotted(name), options)
      : meter.createObservableGauge(dotted(name), options);
  instrument.addCallback((result) => {
    const all = currentFamilies();
    const family = all.find((one): one is Scalar => one.name === name && one.type === type);
    for (const { labels, value } of family?.values ?? []) result.observe(value, labels);
  });
}

function registerDurations(meter: Meter, { name, help, bounds }: Distribution): void {
  const histogram = meter.createHistogram(dotted(name), {
    description: help,
    ...unitOf(name),
    advice: { explicitBucketBoundaries: [...bounds] },
  });
  onEveryBlock(({ kind, ended, durationMs }) => {
    if (ended && kind !== 'cumulative') histogram.record(durationMs / 1000);
  });
}

function registerMetrics(meter: Meter): void {
  for (const family of currentFamilies()) {
    if (family.type === 'histogram') registerDurations(meter, family);
    else registerScalar(meter, family);
  }
}

/** The span that was active on the blocked stack. Whether it is sampled is not known, but likely. */
function parentOf({ trace: parent }: BlockRecord): Context {
  if (parent === null) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: TraceFlags.SAMPLED });
}

function attributesOf(record: BlockRecord): Attributes {
  const { culprit, request, thread } = record;
  const known = {
    'code.function.name': culprit?.function,
    'code.file.path': culprit?.file,
    'code.line.number': culprit?.line,
    'code.column.number': culprit?.column,
    'http.request.method': request?.method,
    'http.route': request?.route,
    'loopwatch.id': record.id,
    'loopwatch.kind': record.kind,
    'loopwatch.cause': record.cause,
    'loopwatch.precision': culprit?.precision,
    'loopwatch.package': culprit?.package,
    'loopwatch.thread.name': thread.name,
    'loopwatch.delayed.requests': record.delayed?.requests,
  };
  return Object.fromEntries(
    Object.entries(known).filter(([, value]) => value != null),
  ) as Attributes;
}

function registerSpans(tracer: Tracer): void {
  onEveryBlock((record) => {
    // A hang has its span when it has ended; short blocks that add up are no stretch of time.
    if (!record.ended || record.kind === 'cumulative') return;
    const startMs = Date.parse(record.startedAt);
    const attributes = attributesOf(record);
    const span = tracer.startSpan(SPAN, { startTime: startMs, attributes }, parentOf(record));
    span.end(startMs + record.durationMs);
  });
}

/** What is registered with. A default tracer is another object each time, until there is an SDK. */
const registered = new WeakSet<object>();
const DEFAULT_TRACER = {};

function isNew(key: object): boolean {
  if (registered.has(key)) return false;
  registered.add(key);
  return true;
}

/**
 * Registers loopwatch's metrics, and makes a span `event_loop_blocked` of each block. Call it once
 * the SDK is started: a meter from before that stays without effect. Calling it twice is harmless.
 */
export function register({ meter, tracer }: RegisterOptions = {}): void {
  const usedMeter = meter ?? metrics.getMeter(SCOPE);
  if (isNew(usedMeter)) registerMetrics(usedMeter);
  if (isNew(tracer ?? DEFAULT_TRACER)) registerSpans(tracer ?? trace.getTracer(SCOPE));
}
