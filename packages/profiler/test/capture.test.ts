/**
 * Captures of this very process, and where they are stored.
 *
 * @machine timed
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { captureCpuProfile, captureHeapSnapshot } from '#src/capture.js';

function temporaryFolder(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'loopwatch-profiler-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What Amazon would see. */
async function fakeS3(t: { after(fn: () => void): void }) {
  const puts: { readonly path: string; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      puts.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() });
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const endpoint = `http://127.0.0.1:${port}`;
  const aws = { endpoint, region: 'eu-west-1', forcePathStyle: true, credentials };
  return { puts, storage: { type: 's3', bucket: 'captures', dir: 'shop', aws } as const };
}

describe('a CPU profile', () => {
  test('raw', async () => {
    const { data, file } = await captureCpuProfile(0.05);
    assert.equal(file, null);
    assert.ok(data !== null && data.nodes.length > 0);
    assert.equal(data.samples?.length, data.timeDeltas?.length);
  });

  test('on disk, for this user alone', async (t) => {
    const directory = join(temporaryFolder(t), 'profiles');
    const { file } = await captureCpuProfile(0.05, { storage: { type: 'disk', directory } });
    assert.ok(file !== null);
    assert.ok(file.startsWith(directory) && file.endsWith('.cpuprofile'));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.ok(JSON.parse(readFileSync(file, 'utf8')).nodes.length > 0);
  });

  test('in a bucket', async (t) => {
    const { puts, storage } = await fakeS3(t);
    const { data } = await captureCpuProfile(0.05, { storage });
    assert.equal(puts.length, 1);
    assert.match(puts[0]?.path ?? '', /^\/captures\/shop\/profile_\d+\.cpuprofile/);
    assert.ok(puts[0]?.body.includes(JSON.stringify(data?.nodes[0]?.callFrame)));
  });

  test('refuses what is no duration', async () => {
    for (const seconds of [0, 601, '5', Number.NaN]) {
      await assert.rejects(captureCpuProfile(seconds as number), { code: 'LOOPWATCH_E_OPTION' });
    }
  });
});

describe('a snapshot of the heap', () => {
  const isSnapshot = (value: unknown) => {
    assert.ok(Array.isArray((value as { nodes?: unknown } | null)?.nodes));
  };

  test('raw', async () => isSnapshot((await captureHeapSnapshot()).data));

  test('on disk, for this user alone', async (t) => {
    const storage = { type: 'disk', directory: temporaryFolder(t) } as const;
    const { data, file } = await captureHeapSnapshot({ storage });
    assert.equal(data, null);
    assert.ok(file !== null);
    assert.ok(file.endsWith('.heapsnapshot'));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    isSnapshot(JSON.parse(readFileSync(file, 'utf8')));
  });

  test('in a bucket', async (t) => {
    const { puts, storage } = await fakeS3(t);
    await captureHeapSnapshot({ storage });
    assert.equal(puts.length, 1);
    assert.match(puts[0]?.path ?? '', /^\/captures\/shop\/profile_\d+\.heapsnapshot/);
    assert.match(puts[0]?.body ?? '', /"snapshot":\{"meta":/);
  });
});
