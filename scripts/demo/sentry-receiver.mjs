/** A stand-in for Sentry: takes envelopes on a loopback port and keeps the events in them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** A project as a DSN names it; any key and number do. */
const key = 'demo';
const project = 1;

/** @typedef {{ event_id: string, exception?: object }} SentryEvent */

/**
 * @returns {Promise<{ dsn: string, events: SentryEvent[], close: () => void }>} `events` grows as
 *   they arrive
 */
export async function startSentryReceiver() {
  const events = [];
  const server = createServer(async (request, response) => {
    try {
      const envelope = await bodyOf(request);
      if (request.url !== `/api/${project}/envelope/`) response.statusCode = 404;
      else events.push(...eventsIn(envelope));
    } catch {
      response.statusCode = 400;
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    dsn: `http://${key}@127.0.0.1:${server.address().port}/${project}`,
    events,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

/**
 * Reads an envelope: a line of headers, then items, each a line of headers and a payload, which is
 * as long as its header says, or ends with the line.
 *
 * @param {Buffer} envelope
 * @returns {SentryEvent[]} the payloads of its event items
 * @throws {SyntaxError} when it is no envelope
 */
export function eventsIn(envelope) {
  const events = [];
  let { end: at } = lineFrom(envelope, 0);
  while (at < envelope.length) {
    const { text, end } = lineFrom(envelope, at);
    const { type, length = lineFrom(envelope, end).text.length } = JSON.parse(text);
    const payload = envelope.subarray(end, end + length);
    if (type === 'event') events.push(JSON.parse(payload.toString()));
    at = end + length + 1;
  }
  return events;
}

/** The line that starts at an offset, as bytes, and the offset after it. */
function lineFrom(bytes, start) {
  const newline = bytes.indexOf('\n', start);
  const stop = newline === -1 ? bytes.length : newline;
  return { text: bytes.subarray(start, stop), end: stop + 1 };
}
