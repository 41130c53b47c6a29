/**
 * Who is told of a server's block: by what fetch, undici and node:http publish.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { type Answer, followAnswers } from '#src/testing/server/server-answers.js';

const told: [object, Answer][] = [];
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
  const all = told.splice(0).map(([who, { request, blockedMs }]) => [who, request, blockedMs]);
  assert.deepEqual(all, [
    [one, 'POST /report/7', 312.5],
    [other, 'GET /', 312.5],
  ]);
});

test('nobody is told of other answers', () => {
  sender = {};
  const request = { method: 'GET', path: '/' };
  const answered = channel('http.client.response.finish');
  answered.publish({ request, response: { headers: { 'server-timing': header } } });
  channel('http.client.request.start').publish({ request });
  for (const value of [undefined, '', 'db;dur=5']) {
    answered.publish({ request, response: { headers: { 'server-timing': value } } });
  }
  answered.publish({ request });
  answered.publish({});
  assert.deepEqual(told, []);
});
