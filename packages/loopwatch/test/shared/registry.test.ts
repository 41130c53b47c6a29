/**
 * @machine pure
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readBeats, writeBeat } from '#src/shared/memory/beats.js';
import { memory } from '#src/shared/memory/memory.js';
import { PLACES, Registry, registry } from '#src/shared/messages/registry.js';

test('each thread has a place of its own, until it is freed', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { maxLength: 60 }), (steps) => {
      const buffer = registry();
      const [workers, watchdog] = [new Registry(buffer), new Registry(buffer)];
      const living = new Map<number, number>();
      let id = 0;
      for (const step of steps) {
        const before = watchdog.changes;
        const [some] = living.keys();
        if (step > 0 || some === undefined) {
          const claimed = workers.claim();
          assert.ok(claimed !== null && !living.has(claimed.place));
          writeBeat(memory(buffer, claimed.offset), ++id, 0);
          workers.publish(claimed.place, { id, name: `w${id}`, taskId: id * 10 });
          living.set(claimed.place, id);
        } else {
          workers.leave(some);
          assert.equal(watchdog.threads().get(some), null);
          watchdog.free(some);
          living.delete(some);
        }
        assert.notEqual(watchdog.changes, before);
        const found = [...watchdog.threads()].map(([place, thread]) => {
          assert.ok(thread !== null);
          assert.equal(thread.name, `w${thread.id}`);
          assert.equal(thread.taskId, thread.id * 10);
          const beats = readBeats(memory(thread.buffer, thread.offset), 0);
          assert.deepEqual(
            beats.map(({ atMs }) => atMs),
            [thread.id],
          );
          return [place, thread.id];
        });
        assert.deepEqual(Object.fromEntries(found), Object.fromEntries(living));
      }
    }),
  );
});

test('a process with more threads than places watches as many as it can', () => {
  const all = new Registry(registry());
  const claimed = Array.from({ length: PLACES }, () => all.claim()?.place);
  assert.equal(new Set(claimed).size, PLACES);
  assert.equal(all.claim(), null);
  all.free(7);
  assert.equal(all.claim()?.place, 7);
});

test('a long name is cut between two characters', () => {
  const all = new Registry(registry());
  const place = all.claim()?.place ?? -1;
  all.publish(place, { id: 1, name: '€'.repeat(100), taskId: null });
  const thread = all.threads().get(place);
  assert.equal(thread?.name, '€'.repeat(37));
  assert.equal(thread?.taskId, null);
});
