/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { prefersHtml } from '#src/http/pages/accept.js';
import { banner } from '#src/http/pages/banner.js';
import { strictResponse } from '#src/http/pages/page.js';
import { warnBlock } from '#src/reporter/console/warn-block.js';
import { WarnLimiter } from '#src/reporter/console/warn-limiter.js';
import { adviceOf } from '#src/shared/advice/choose-advice.js';
import type { BlockFacts } from '#src/shared/text/block-facts.js';
import { recordOf } from '../record.fixture.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

function factsOf(parts: Partial<BlockFacts> = {}): BlockFacts {
  return {
    durationMs: 412.3,
    culprit: { function: 'renderReport', file: '/srv/app/src/report.js', line: 88, column: 12 },
    cause: 'javascript',
    ...{ method: 'GET', route: '/report/:id', path: '/report/7', requestId: 'r-1' },
    advice: adviceOf(recordOf()),
    lines: [
      { number: 87, text: '  const rows = all();', isCulprit: false },
      { number: 88, text: '  return rows.map(render);', isCulprit: true },
    ],
    ...parts,
  };
}

const UNKNOWN = factsOf({
  ...{ culprit: null, method: null, route: null, path: null, requestId: null },
  ...{ advice: null, lines: [] },
});

test('HTML for whom it prefers, JSON for all others', () => {
  const wishes: Readonly<Record<string, boolean>> = {
    [BROWSER]: true,
    'text/html': true,
    'TEXT/HTML ; q=0.5, */*;q=0.4': true,
    'text/*': true,
    'text/html, application/json': true,
    'text/*, */*': true,
    'application/json, text/html': false,
    'text/html;q=0.8, application/json;q=0.9': false,
    'text/html;q=0.2, */*;q=0.9': false,
    'text/html;q=0': false,
    'text/html;q=0, text/*': false,
    'text/html;q=high': false,
    '*/*': false,
    'application/json': false,
    'image/png': false,
    '': false,
  };
  for (const [accept, isHtml] of Object.entries(wishes)) {
    assert.equal(prefersHtml(accept), isHtml, accept);
  }
  assert.equal(prefersHtml(undefined), false);
});

test('an Accept header may hold anything', () => {
  fc.assert(fc.property(fc.string(), (accept) => typeof prefersHtml(accept) === 'boolean'));
});

test('the page says what, where, how to fix it, which request, and why 503', () => {
  const { status, headers, body } = strictResponse(factsOf(), BROWSER);
  assert.equal(status, 503);
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  for (const said of [
    ...['412 ms', 'renderReport', '/srv/app/src/report.js:88:12', '>87</i>', 'rows.map(render)'],
    ...['piscina', 'GET /report/:id', '/report/7', 'r-1', 'LOOPWATCH_MODE=log', 'lang="en"'],
  ]) {
    assert.ok(body.includes(said), said);
  }
  assert.equal(body.match(/class="row culprit"/g)?.length, 1);
});

test('what is not known is left out', () => {
  const { body } = strictResponse(UNKNOWN, BROWSER);
  assert.doesNotMatch(body, /null|undefined|How to fix it|<pre/);
  const { request, culprit } = JSON.parse(strictResponse(UNKNOWN, undefined).body);
  assert.deepEqual([request.method, culprit], [null, null]);
});

test('JSON holds the same', () => {
  const { status, headers, body } = strictResponse(factsOf(), '*/*');
  assert.equal(status, 503);
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  const value = JSON.parse(body);
  assert.equal(value.error, 'event-loop-blocked');
  assert.equal(value.culprit.function, 'renderReport');
  assert.deepEqual(value.request, {
    id: 'r-1',
    method: 'GET',
    route: '/report/:id',
    path: '/report/7',
  });
  assert.equal(value.advice.id, 'computing');
});

test('the policy allows the style of the page by its hash, and nothing else', () => {
  const { headers, body } = strictResponse(factsOf(), BROWSER);
  const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = headers['content-security-policy'] ?? '';
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^' ]+'; /);
  assert.ok(policy.includes(`'sha256-${hash}'`));
  assert.doesNotMatch(body, /<script|<link|<img|<iframe|\sstyle=|\ssrc=|url\(|@import/);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

/** Whatever breaks out of an element, an attribute, a header or a line. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '<script>',
        '</pre>',
        '</style>',
        '</body>',
        '"',
        "'",
        '&lt;',
        '<!--',
        '\r\n',
      ),
      fc.constantFrom('javascript:', '\u001b[31m', '\u202e', '\u2028', '$&', ' onload=x '),
    ),
    { minLength: 1 },
  )
  .map((parts) => parts.join(''));

const position = fc.option(fc.nat());
const facts: fc.Arbitrary<BlockFacts> = fc.record({
  durationMs: fc.double({ min: 0, noNaN: true }),
  culprit: fc.option(
    fc.record({
      ...{ function: fc.option(hostile), file: fc.option(hostile) },
      ...{ line: position, column: position },
    }),
  ),
  cause: hostile,
  ...{ method: fc.option(hostile), route: fc.option(hostile), path: fc.option(hostile) },
  requestId: fc.option(hostile),
  advice: fc.option(
    fc.record({
      ...{ id: hostile, hint: hostile, title: hostile, text: hostile, snippet: hostile },
      links: fc.array(fc.record({ title: hostile, url: hostile }), { maxLength: 3 }),
    }),
  ),
  lines: fc.array(fc.record({ number: fc.nat(), text: hostile, isCulprit: fc.boolean() }), {
    maxLength: 5,
  }),
});

/** What is left of HTML when all its text is gone: its tags with their attributes. */
function tagsOf(html: string): string[] {
  const tags = html.replace(/<style>[\s\S]*?<\/style>/, '').match(/<[^>]*>/g) ?? [];
  return [...new Set(tags.map((tag) => tag.replace(/(href|aria-label)="[^"<>]*"/g, '$1')))];
}

const links = [{ title: 'a', url: 'https://example.test/' }];
const knownTags = new Set(
  [
    ...[factsOf(), UNKNOWN, factsOf({ advice: { ...adviceOf(recordOf()), links } as never })],
    factsOf({ advice: { ...adviceOf(recordOf()), links: [{ title: 'a', url: 'x:y' }] } as never }),
  ].flatMap((one) => [...tagsOf(strictResponse(one, BROWSER).body), ...tagsOf(banner(one))]),
);

test('no fact becomes markup of the page or the banner, nor a header', () => {
  const empty = strictResponse(UNKNOWN, BROWSER).headers;
  fc.assert(
    fc.property(facts, (one) => {
      const { body, headers } = strictResponse(one, BROWSER);
      for (const html of [body, banner(one)]) {
        for (const tag of tagsOf(html)) assert.ok(knownTags.has(tag), tag);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
        assert.doesNotMatch(html, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028]/);
        for (const [, url] of html.matchAll(/href="([^"]*)"/g))
          assert.match(url ?? '', /^https:\/\//);
      }
      assert.deepEqual(headers, empty);
    }),
    { numRuns: 300 },
  );
});

test('JSON brings every fact through unchanged, and under the same headers', () => {
  const empty = strictResponse(UNKNOWN, '*/*').headers;
  fc.assert(
    fc.property(facts, (one) => {
      const { body, headers } = strictResponse(one, 'application/json');
      assert.deepEqual(headers, empty);
      const value = JSON.parse(body);
      assert.deepEqual(value.culprit, one.culprit && { ...one.culprit });
      assert.equal(value.request.path, one.path);
    }),
  );
});

test('Node takes the headers', () => {
  for (const accept of [BROWSER, undefined]) {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    const { status, headers } = strictResponse(factsOf(), accept);
    response.writeHead(status, headers);
  }
});

test('the console says function, line, request and fix', () => {
  const text = warnBlock(factsOf());
  assert.match(text, /^┌─ EVENT LOOP BLOCKED for 412 ms ─+\n(?:│ .+\n)+└─+\n$/);
  for (const said of ['renderReport', 'report.js:88:12', 'GET /report/:id', 'piscina']) {
    assert.ok(text.includes(said), said);
  }
  assert.ok(
    text.split('\n').every((line) => line.length <= 78),
    text,
  );
  assert.equal(warnBlock(UNKNOWN).split('\n').length, 4);
});

test('nothing that a terminal obeys gets to the console, and no line of its own', () => {
  fc.assert(
    fc.property(facts, (one) => {
      const lines = warnBlock(one).slice(0, -1).split('\n');
      assert.ok(lines.slice(1, -1).every((line) => line.startsWith('│ ')));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      assert.doesNotMatch(lines.join(''), /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202e]/);
    }),
  );
});

test('each culprit is warned about once a minute, on whatever clock', () => {
  const limiter = new WarnLimiter();
  const asked = [0, 1, 59_999, 60_000, 60_001, 119_999, 120_000];
  const answers = asked.map((nowMs) => limiter.shouldWarn('a', nowMs));
  assert.deepEqual(answers, [true, false, false, true, false, false, true]);
  assert.ok(limiter.shouldWarn('b', 120_001));
});

test('between two warnings about one culprit there is a minute, and the memory is bounded', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 70_000 })));
  fc.assert(
    fc.property(steps, (taken) => {
      const limiter = new WarnLimiter();
      const last = new Map<string, number>();
      let nowMs = 0;
      for (const [key, ms] of taken) {
        nowMs += ms;
        const isDue = nowMs - (last.get(key) ?? Number.NEGATIVE_INFINITY) >= 60_000;
        assert.equal(limiter.shouldWarn(key, nowMs), isDue);
        if (isDue) last.set(key, nowMs);
      }
    }),
  );
  const limiter = new WarnLimiter();
  for (let number = 0; number < 1500; number++) limiter.shouldWarn(`${number}`, 0);
  assert.deepEqual([limiter.shouldWarn('0', 1), limiter.shouldWarn('1499', 1)], [true, false]);
});
