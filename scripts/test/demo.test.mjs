/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { compare, readLog } from '../demo/findings.mjs';
import { lineBelowMarker } from '../demo/scenarios.mjs';
import { eventsIn, startSentryReceiver } from '../demo/sentry-receiver.mjs';
import { summary } from '../demo/summary.mjs';

const scenario = {
  title: 'a slow search',
  expected: {
    method: 'GET',
    route: '/search',
    function: 'search',
    file: '/shop/search.mjs',
    line: 12,
  },
};

function line({ id = 'a', culprit = {}, ...fields } = {}) {
  const block = {
    id,
    durationMs: 412.3,
    ended: true,
    cause: 'javascript',
    culprit: {
      function: 'search',
      file: '/shop/search.mjs',
      line: 12,
      precision: 'exact',
      ...culprit,
    },
    request: { method: 'GET', route: '/search' },
    delayed: { requests: 1 },
    ...fields,
  };
  return { level: 40, msg: `block ${id}`, block };
}

function event(id = 'a') {
  const frames = [
    { filename: '/shop/search.mjs', lineno: 12, context_line: '  words.test(text);' },
  ];
  return { event_id: id, exception: { values: [{ stacktrace: { frames } }] } };
}

test('a block with its event is a finding without a problem', () => {
  const { findings, others, problems } = compare([scenario], [line()], [event()]);
  assert.deepEqual(problems, []);
  assert.deepEqual(others, []);
  assert.equal(findings[0].record.id, 'a');
  assert.equal(findings[0].event.event_id, 'a');
});

test('a block that nobody planned is no problem, but is kept', () => {
  const strange = line({ id: 'b', culprit: { function: 'read', file: '/a.js' }, request: null });
  const { others, problems } = compare([scenario], [line(), strange], [event(), event('b')]);
  assert.deepEqual(problems, []);
  assert.deepEqual(others, [strange]);
});

const wrong = [
  ['no block', [], [], [/found nothing like it$/]],
  ['another line', [line({ culprit: { line: 13 } })], [event()], [/search\.mjs:13/]],
  ['another function', [line({ culprit: { function: 'read' } })], [event()], [/in read /]],
  ['another file', [line({ culprit: { file: '/b.mjs' } })], [event()], [/b\.mjs/]],
  ['no request', [line({ request: null })], [event()], [/during no request/]],
  ['no culprit', [{ ...line(), ...withoutCulprit() }], [event()], [/in no culprit/]],
  ['the block twice', [line(), line({ id: 'b' })], [event(), event('b')], [/2 blocks reported/]],
  ['no event', [line()], [], [/^0 Sentry events/]],
  ['the event twice', [line()], [event(), event()], [/^2 Sentry events/]],
  ['an event of no block', [line()], [event(), event('b')], [/^Sentry event b is for no block/]],
];

function withoutCulprit() {
  const { block, msg } = line();
  return { level: 40, msg, block: { ...block, culprit: null } };
}

for (const [name, lines, events, expected] of wrong) {
  test(`a problem: ${name}`, () => {
    const { problems } = compare([scenario], lines, events);
    assert.equal(problems.length, expected.length, problems.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(problems[index], pattern);
  });
}

function ndjson(entries) {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

test('of a hang, which is logged twice, the latest line counts', () => {
  const { lines } = readLog(ndjson([line({ ended: false }), line({ ended: true })]));
  assert.deepEqual(
    lines.map(({ block }) => block.ended),
    [true],
  );
});

test('what is logged below a warning is no report', () => {
  const starved = { level: 20, msg: 'no block: starved', unconfirmed: { reason: 'starved' } };
  const slowStart = { ...line(), level: 30 };
  assert.deepEqual(readLog(ndjson([slowStart, starved])), {
    lines: [],
    remarks: ['no block: starved'],
  });
});

test('the marked line is found', () => {
  assert.equal(lineBelowMarker('a();\n  // demo: blocks here\nb();\n'), 3);
  assert.throws(() => lineBelowMarker('a();\n'), /exactly one/);
  const twice = '// demo: blocks here\n'.repeat(2);
  assert.throws(() => lineBelowMarker(twice), /exactly one/);
});

test('events are read from envelopes, with and without lengths', () => {
  const sized = '{"type":"event","length":19}\n{"event_id":"a\\nb"}\n';
  const unsized = '{"type":"session"}\n{"sid":"1"}\n{"type":"event"}\n{"event_id":"c"}';
  const found = eventsIn(Buffer.from(`{}\n${sized}${unsized}`));
  assert.deepEqual(
    found.map(({ event_id }) => event_id),
    ['a\nb', 'c'],
  );
});

test('the receiver takes plain and gzipped envelopes, and refuses what is none', async () => {
  const { dsn, events, close } = await startSentryReceiver();
  try {
    const { host } = new URL(dsn);
    const post = async (path, body, headers = {}) => {
      const response = await fetch(`http://${host}${path}`, { method: 'POST', body, headers });
      return response.status;
    };
    const envelope = Buffer.from('{}\n{"type":"event"}\n{"event_id":"a"}\n');
    assert.equal(await post('/api/1/envelope/', envelope), 200);
    const gzip = { 'content-encoding': 'gzip' };
    assert.equal(await post('/api/1/envelope/', gzipSync(envelope), gzip), 200);
    assert.equal(await post('/api/1/envelope/', '{}\nnonsense\n'), 400);
    assert.equal(await post('/api/2/envelope/', envelope), 404);
    assert.equal(events.length, 2);
  } finally {
    close();
  }
});

test('the summary shows what was reported', () => {
  const found = compare([scenario], [line()], [event()]);
  const result = { ...found, healthyMs: [9, 10, 400], trouble: [] };
  const text = summary(result, { colours: false });
  for (const shown of [
    'blocked 412 ms',
    'GET /search',
    '/shop/search.mjs:12 (precision: exact)',
    ' words.test(text);',
    '1 request\n',
    'event a',
    'p50 10 ms, max 400 ms',
    'ok:',
  ]) {
    assert.ok(text.includes(shown), `${shown} in\n${text}`);
  }
});

test('the summary shows what is missing', () => {
  const result = { ...compare([scenario], [], []), healthyMs: [], trouble: ['it is missing'] };
  const text = summary(result, { colours: false });
  for (const shown of ['not caught', 'FAILED', '  it is missing']) {
    assert.ok(text.includes(shown), `${shown} in\n${text}`);
  }
  assert.ok(!text.includes('ok:'));
});
