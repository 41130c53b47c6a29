/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { AggregatorRegistry, type OpenMetricsContentType, Registry } from 'prom-client';
import { register as registerOpenTelemetry } from '#src/exporters/opentelemetry.js';
import { register as registerPrometheus } from '#src/exporters/prometheus.js';
import type { BlockRecord } from '#src/shared/record/record.js';
import { recordOf } from '../record.fixture.js';

/** As main tells it: on the channel of its kind. */
function publish(record: BlockRecord): void {
  channel(record.kind === 'hang' ? 'loopwatch:hang' : 'loopwatch:block').publish(record);
}

const hang = { kind: 'hang', durationMs: 6000, id: 'f'.repeat(32) } as const;

/** What of a text belongs to a metric, without its comments. */
function linesOf(text: string, name: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(name));
}

test('prom-client gets the metrics that the status server has', async () => {
  const registry = new Registry();
  registerPrometheus(registry);
  registerPrometheus(registry);
  const before = await registry.metrics();
  assert.deepEqual(linesOf(before, 'loopwatch_hangs_total'), ['loopwatch_hangs_total 0']);
  publish(recordOf());
  publish(recordOf({ ...hang, ended: false }));
  publish(recordOf(hang));
  channel('loopwatch:unconfirmed').publish({ reason: 'starved' });
  const text = await registry.metrics();
  assert.deepEqual(linesOf(text, 'loopwatch_hangs_total'), ['loopwatch_hangs_total 1']);
  assert.deepEqual(linesOf(text, 'loopwatch_blocks_total'), [
    'loopwatch_blocks_total{kind="block",cause="javascript",route="/report/:id"} 1',
    'loopwatch_blocks_total{kind="hang",cause="javascript",route="/report/:id"} 1',
  ]);
  const durations = linesOf(text, 'loopwatch_block_duration_seconds');
  assert.ok(durations.includes('loopwatch_block_duration_seconds_bucket{le="0.5"} 1'));
  assert.ok(durations.includes('loopwatch_block_duration_seconds_bucket{le="+Inf"} 2'));
  assert.ok(durations.includes('loopwatch_block_duration_seconds_count 2'));
  assert.ok(
    linesOf(text, 'loopwatch_unconfirmed_total').some((line) => /starved"\} 1$/.test(line)),
  );
  assert.deepEqual(linesOf(text, 'nodejs_eventloop_lag'), []);
  // Nothing watches this process.
  assert.deepEqual(linesOf(text, 'loopwatch_heartbeat_age_seconds'), []);
  registry.resetMetrics();
  assert.equal(await registry.metrics(), text, 'the numbers are not the registry’s');
  const workers = [await registry.getMetricsAsJSON(), await registry.getMetricsAsJSON()];
  const together = await AggregatorRegistry.aggregate(workers).metrics();
  assert.deepEqual(linesOf(together, 'loopwatch_hangs_total'), ['loopwatch_hangs_total 2']);
  assert.ok(together.includes('loopwatch_block_duration_seconds_bucket{le="+Inf"} 4'));
  const another = new Registry();
  registerPrometheus(another);
  assert.equal(await another.metrics(), text);
});

test('a registry for OpenMetrics has them, too', async () => {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  registerPrometheus(registry);
  const text = await registry.metrics();
  assert.match(text, /^# TYPE loopwatch_hangs counter$/m);
  assert.match(text, /^loopwatch_hangs_total \d+$/m);
  assert.equal(await registry.metrics(), text);
});

test('OpenTelemetry gets the same with dots, and a span for each block', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const spans = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(spans)];
  const tracer = new BasicTracerProvider({ spanProcessors }).getTracer('test');
  registerOpenTelemetry({ meter, tracer });
  registerOpenTelemetry({ meter, tracer });

  const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  publish(recordOf({ trace: parent }));
  publish(recordOf({ ...hang, ended: false }));
  publish(recordOf({ ...hang, culprit: null, request: null }));
  publish(recordOf({ kind: 'cumulative' }));
  await reader.forceFlush();

  const found = exporter.getMetrics().flatMap(({ scopeMetrics }) => {
    return scopeMetrics.flatMap(({ metrics }) => metrics);
  });
  const names = found.map(({ descriptor }) => descriptor.name);
  assert.equal(new Set(names).size, names.length, 'each once');
  assert.ok(names.includes('loopwatch.blocks.total'));
  assert.ok(names.includes('loopwatch.unconfirmed.total'));
  const durations = found.find(
    ({ descriptor }) => descriptor.name === 'loopwatch.block.duration.seconds',
  );
  assert.equal(durations?.descriptor.unit, 's');
  const distribution = durations?.dataPoints[0]?.value as { count: number; sum: number };
  assert.equal(distribution.count, 2);
  assert.ok(Math.abs(distribution.sum - 6.4123) < 1e-9);

  const [block, long, ...more] = spans.getFinishedSpans();
  assert.deepEqual(more, []);
  assert.equal(block?.name, 'event_loop_blocked');
  assert.equal(block?.spanContext().traceId, parent.traceId);
  assert.equal(block?.parentSpanContext?.spanId, parent.spanId);
  assert.deepEqual(block?.startTime, [Date.parse('2026-01-02T03:04:05.000Z') / 1000, 0]);
  assert.equal(Math.round((block?.duration[1] ?? 0) / 1e5), 4123);
  assert.deepEqual(block?.attributes, {
    'code.function.name': 'renderReport',
    'code.file.path': '/srv/app/src/report.ts',
    'code.line.number': 88,
    'code.column.number': 12,
    'http.request.method': 'GET',
    'http.route': '/report/:id',
    'loopwatch.id': '0123456789abcdef0123456789abcdef',
    'loopwatch.kind': 'block',
    'loopwatch.cause': 'javascript',
    'loopwatch.precision': 'exact',
    'loopwatch.thread.name': 'main',
    'loopwatch.delayed.requests': 12,
  });
  assert.equal(long?.parentSpanContext, undefined);
  assert.equal(long?.attributes['loopwatch.kind'], 'hang');
});

test('without an SDK, registering does nothing and harms nobody', () => {
  registerOpenTelemetry();
  registerOpenTelemetry();
  publish(recordOf());
});
