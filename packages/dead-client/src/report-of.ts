/** What is reported of a client that was found dead. */
import { randomBytes } from 'node:crypto';
import type { Client, Finding } from './client.js';
import type { Settings } from './options/options.js';
import type { Backend } from './sockets/reading.js';
import { pendingBytes } from './sockets/sockets.js';
import { type DeadClientReport, sentence } from './verdict/report.js';

export function reportOf(
  client: Client,
  { cause, stallMs, allowedMs, signal }: Finding,
  backend: Backend,
  action: Settings['action'],
): DeadClientReport {
  const { socket, handle, progress, pings, meta, remote } = client;
  const isTls = 'encrypted' in socket;
  const { localAddress = null, localPort = null } = socket;
  const report = {
    schema: 1,
    kind: 'dead-client',
    id: randomBytes(16).toString('hex'),
    detectedAt: new Date().toISOString(),
    cause,
    signal,
    stallMs: Math.round(stallMs),
    allowedMs: Math.round(allowedMs),
    action,
    queuedBytes: progress.queued,
    pendingBytes: pendingBytes(socket, handle) + (pings?.pendingBytes() ?? 0),
    protocol: pings !== null ? 'http2' : isTls ? 'tls' : 'tcp',
    local: { address: localAddress, port: localPort },
    remote,
    backend: backend.name,
    meta: meta ?? null,
  } as const;
  return { ...report, message: sentence(report) };
}
