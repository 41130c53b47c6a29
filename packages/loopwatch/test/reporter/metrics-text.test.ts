/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatFor, metricsText } from '#src/reporter/status/metrics-text.js';
import { type Family, families } from '#src/shared/metrics/metric-families.js';
import { Metrics } from '#src/shared/metrics/metrics.js';
import { recordOf } from '../record.fixture.js';

const counter = (values: readonly (readonly [string, number])[]): Family => ({
  name: 'jobs_total',
  help: 'What \\ was\n"done".',
  type: 'counter',
  labelNames: ['route'],
  values: values.map(([route, value]) => ({ labels: { route }, value })),
});

const durations: Family = {
  name: 'wait_seconds',
  help: 'Waits.',
  type: 'histogram',
  bounds: [0.5, 1],
  durations: { counts: [2, 0, 1], sumSeconds: 70.5 },
};

test('a counter in the format of Prometheus', () => {
  assert.equal(
    metricsText([counter([['/a', 3]])], 'prometheus'),
    '# HELP jobs_total What \\\\ was\\n"done".\n# TYPE jobs_total counter\njobs_total{route="/a"} 3\n',
  );
});

test('a counter in OpenMetrics is named without its ending, and the text has an end', () => {
  assert.equal(
    metricsText([counter([['/a', 3]])], 'openmetrics'),
    '# HELP jobs What \\\\ was\\n"done".\n# TYPE jobs counter\njobs_total{route="/a"} 3\n# EOF\n',
  );
});

test('a histogram is cumulative and has an open top', () => {
  assert.deepEqual(metricsText([durations], 'prometheus').split('\n').slice(2), [
    'wait_seconds_bucket{le="0.5"} 2',
    'wait_seconds_bucket{le="1"} 2',
    'wait_seconds_bucket{le="+Inf"} 3',
    'wait_seconds_sum 70.5',
    'wait_seconds_count 3',
    '',
  ]);
  const open = metricsText([durations], 'openmetrics');
  assert.match(open, /^# UNIT wait_seconds seconds$/m);
  assert.match(open, /^wait_seconds_bucket\{le="1\.0"\} 2$/m);
});

test('whatever a label holds, it stays one line, and can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (route) => {
      const text = metricsText([counter([[route, 1]])], 'prometheus');
      const [, , line = '', last, ...more] = text.split('\n');
      assert.deepEqual([last, more], ['', []]);
      const [, escaped = ''] = /^jobs_total\{route="(.*)"\} 1$/s.exec(line) ?? [];
      const read = escaped.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
      assert.equal(read, route);
    }),
  );
});

const deadClient = (cause: string) => {
  const kind = 'dead-client' as const;
  return { kind, id: 'a', detectedAt: '', cause, message: '', previousProcess: false };
};

test('every metric has a name, help, a type and labels as Prometheus wants them', () => {
  const metrics = new Metrics();
  metrics.addBlock(recordOf());
  metrics.addDeadClient(deadClient('unreachable'));
  metrics.addDeadClient(deadClient('of boredom'));
  const readings = {
    beatAgeMs: 5,
    thresholdMs: 100,
    watchedSockets: 3,
    dropped: { capped: 1, 'journal-full': 0 },
    unsymbolicated: { missing: 2 },
  };
  const requests = [{ method: 'GET', route: '/a', count: 2 }];
  const text = metricsText(families(metrics.totals(), readings, requests), 'prometheus');
  for (const line of text.trimEnd().split('\n')) {
    assert.match(
      line,
      /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? [\d.e+-]+)$/,
    );
  }
  assert.match(text, /^loopwatch_symbolication_failures_total\{reason="missing"\} 2$/m);
  assert.match(text, /^loopwatch_requests_total\{method="GET",route="\/a"\} 2$/m);
  assert.match(
    text,
    /^loopwatch_blocks_total\{kind="block",cause="javascript",route="\/report\/:id"\} 1$/m,
  );
  assert.match(text, /^loopwatch_reports_dropped_total\{reason="capped"\} 1$/m);
  assert.match(text, /^loopwatch_dead_clients_total\{cause="unreachable"\} 1$/m);
  assert.match(text, /^loopwatch_dead_clients_total\{cause="other"\} 1$/m);
  assert.match(text, /^loopwatch_watched_sockets 3$/m);
  assert.match(text, /^loopwatch_heartbeat_age_seconds 0\.005$/m);
  assert.match(text, /^loopwatch_threshold_seconds 0\.1$/m);
});

test('what nobody counts or knows is left out', () => {
  const text = metricsText(families(new Metrics().totals(), null), 'prometheus');
  assert.doesNotMatch(text, /loopwatch_requests_total/);
  assert.doesNotMatch(text, /^loopwatch_heartbeat_age_seconds/m);
});

test('OpenMetrics is for those who ask for it', () => {
  for (const accept of [undefined, '', '*/*', 'text/plain', 'application/openmetrics-text;q=0']) {
    assert.equal(formatFor(accept), 'prometheus', accept);
  }
  for (const accept of [
    'application/openmetrics-text',
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0',
    'text/plain;q=0, application/openmetrics-text; version=1.0.0; q=0.1',
  ]) {
    assert.equal(formatFor(accept), 'openmetrics', accept);
  }
});
