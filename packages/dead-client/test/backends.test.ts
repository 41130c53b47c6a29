/**
 * What the backends make of what the kernel says, and when they are not believed.
 *
 * @machine pure
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTable } from '#src/backends/proc.js';
import { flaw, selfTest } from '#src/backends/self-test.js';
import type { Backend, Reading } from '#src/sockets/reading.js';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D431 01 003BC2E0:00000005 04:000000C8 00000000     0        0 222 4 0000000000000000 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:D432 01 00000BB8:00000000 01:00000190 00000005     0        0 333 2 0000000000000000 3200 4 0 1 7
   3: 0100007F:1F90 0100007F:D433 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000000000000000
   4: 0100007F:1F90 0100007F:D434 08 00000000:00000000 04:00000190 00000000     0        4 444 2 0000000000000000 3200 4 0 1 7
`;

test('rows of /proc/net/tcp are found by inode', () => {
  assert.deepEqual(
    [...parseTable(TABLE)],
    [
      [222, { state: 1, queued: 0x3bc2e0, unread: 5, isUnanswered: false }],
      [333, { state: 1, queued: 3000, unread: 0, isUnanswered: true }],
      [444, { state: 8, queued: 0, unread: 0, isUnanswered: true }],
    ],
  );
});

describe('the self-test', () => {
  const before: Reading = {
    state: 1,
    queued: 0,
    acked: 0,
    delivered: 1,
    unread: 0,
    isUnanswered: false,
  };
  const right: Reading = { ...before, queued: 400, acked: 100, unread: 5 };

  test('believes numbers that are so', () => {
    assert.equal(flaw(right, before, 500), null);
  });

  for (const [name, wrong] of [
    ['nothing', null],
    ['a closed connection', { ...right, state: 7 }],
    ['other unread bytes', { ...right, unread: 0 }],
    ['no queue', { ...right, queued: 0, acked: 500 }],
    ['nothing acknowledged', { ...right, queued: 500, acked: 0 }],
    ['a sum that is not what was sent', { ...right, acked: 101 }],
  ] as const) {
    test(`does not believe ${name}`, () => {
      assert.notEqual(flaw(wrong, before, 500), null);
    });
  }

  test('survives a backend that throws', async () => {
    const broken: Backend = {
      name: 'proc',
      begin() {
        throw new Error('not here');
      },
      read: () => null,
      identity: () => null,
      linger: () => false,
    };
    assert.equal(await selfTest(broken), 'not here');
  });
});
