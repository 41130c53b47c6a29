/** A record for tests of everything that reads one. */
import type { BlockRecord } from '#src/shared/record/record.js';

export function recordOf(parts: Partial<BlockRecord> = {}): BlockRecord {
  return {
    schema: 1,
    id: '0123456789abcdef0123456789abcdef',
    kind: 'block',
    startedAt: '2026-01-02T03:04:05.000Z',
    durationMs: 412.3,
    thresholdMs: 100,
    ended: true,
    cause: 'javascript',
    thread: { id: 0, name: 'main' },
    culprit: {
      function: 'renderReport',
      file: '/srv/app/src/report.ts',
      line: 88,
      column: 12,
      package: null,
      precision: 'exact',
    },
    samples: {
      count: 3,
      stacks: [
        {
          count: 3,
          frames: [
            {
              function: 'renderReport',
              file: '/srv/app/src/report.ts',
              line: 88,
              column: 12,
              inApp: true,
              async: false,
            },
            {
              function: 'handle',
              file: '/srv/app/node_modules/router/index.js',
              line: 5,
              column: 1,
              inApp: false,
              async: false,
            },
          ],
        },
      ],
    },
    invoker: 'http-request',
    request: {
      id: null,
      method: 'GET',
      route: '/report/:id',
      path: '/report/7',
      startedAt: '2026-01-02T03:04:05.000Z',
    },
    delayed: { requests: 12 },
    trace: null,
    gc: null,
    cpu: { userMs: 400, systemMs: 0, state: 'running' },
    process: { pid: 1, node: 'v24.21.0', host: 'host', uptimeMs: 1000 },
    profile: null,
    previousProcess: false,
    scope: null,
    suppressed: 0,
    ...parts,
  };
}
