/** Who is told of a server's block: by what fetch, undici and node:http publish. */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { followAnswers, type ServerBlock } from '#src/testing/server-answers.js';

const told: [object, ServerBlock][] = [];
let sender: object | undefined;
followAnswers(
  () => sender,
  (...one) => told.push(one),
);

const header = 'db;dur=5, loop;dur=312.5';

test('the sender of a request is told, whoever reads the answer', () => {
  const [one, other] = [{}, {}];
  const undici = { method: 'POST', path: '/report/7?secret=1' };
  const http = { method: 'GET', path: '/' };
  sender = one;
  channel('undici:request:create').publish({ request: undici });
  sender = other;
  channel('http.client.request.start').publish({ request: http });
  sender = undefined;
  const headers = ['Content-Type', 'text/plain', 'Server-Timing', header].map((text) =>
    Buffer.from(text),
  );
  channel('undici:request:headers').publish({ request: undici, response: { headers } });
  const response = { headers: { 'server-timing': header } };
  channel('http.client.response.finish').publish({ request: http, response });
  assert.deepEqual(told.splice(0), [
    [one, { request: 'POST /report/7', blockedMs: 312.5 }],
    [other, { request: 'GET /', blockedMs: 312.5 }],
  ]);
  assert.equal(told[0]?.[0], undefined);
});

test('nobody is told of other answers', () => {
  sender = {};
  const request = { method: 'GET', path: '/' };
  const answered = channel('http.client.response.finish');
  answered.publish({ request, response: { headers: { 'server-timing': header } } });
  channel('http.client.request.start').publish({ request });
  for (const value of [undefined, '', 'db;dur=5', 'loop']) {
    answered.publish({ request, response: { headers: { 'server-timing': value } } });
  }
  answered.publish({ request });
  answered.publish({});
  assert.deepEqual(told, []);
});
