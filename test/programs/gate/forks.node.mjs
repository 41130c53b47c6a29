import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { promisify } from 'node:util';

const self = new URL('./prints.mjs', import.meta.url);

test('a fork says only what it says', async () => {
  const child = fork(self, { silent: true });
  const chunks = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), 'only this\n');
});

test('and so does a program that inherits the flags', async () => {
  const env = { ...process.env, NODE_OPTIONS: '--import loopwatch/node-test' };
  const { stdout } = await promisify(execFile)(process.execPath, [self.pathname], { env });
  assert.equal(stdout, 'only this\n');
});

test('and so are web frameworks, unless their requests are asked for', () => {
  const isAsked = process.env.LOOPWATCH_SERVER_TIMING !== undefined;
  assert.equal(channel('fastify.initialization').hasSubscribers, isAsked);
});
