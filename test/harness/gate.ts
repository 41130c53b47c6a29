/** A Sentry ingest that answers only when the test says so. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Scope } from './folder.js';
import { dsnFor } from './sentry-receiver.js';

/** An ingest whose requests wait at a gate, which is closed at first. */
export interface Gate {
  readonly dsn: string;
  /** The event ids of what has come, in order, answered or not. */
  readonly ids: readonly string[];
  /** Answers with 200 what waits, and everything after it. */
  open(): void;
}

function idIn(body: Buffer): string {
  const [head = ''] = body.toString().split('\n', 1);
  return (JSON.parse(head) as { event_id: string }).event_id;
}

/** Starts an ingest with a closed gate. */
export async function gate(scope: Scope): Promise<Gate> {
  const ids: string[] = [];
  const waiting: ServerResponse[] = [];
  let isOpen = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {}).on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      ids.push(idIn(request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw));
      if (isOpen) response.end('{}');
      else waiting.push(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    dsn: dsnFor((server.address() as AddressInfo).port),
    ids,
    open() {
      isOpen = true;
      for (const response of waiting.splice(0)) response.end('{}');
    },
  };
}
