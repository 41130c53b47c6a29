/**
 * What a browser makes of reports that are hostile, and of those that are long.
 *
 * @machine waiting
 * @run once
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chromium } from './harness/browser.js';
import { lineLike, logOfBlock, opened } from './harness/report-page.js';

const skip = chromium === null && 'there is no chromium here';

describe('the report in a browser', { skip }, () => {
  test('shows hostile names as what they are', async (t) => {
    const hostile = `</script><img src=x onerror="window.hacked=1"><!--<script>'"\u202e`;
    const line = lineLike(await logOfBlock(t), (block, fields) => {
      block.culprit = { ...block.culprit, function: hostile, file: `javascript:${hostile}` };
      block.request = {
        id: hostile,
        method: hostile,
        route: hostile,
        path: hostile,
        startedAt: hostile,
      };
      block.process.host = hostile.repeat(10_000);
      for (const { frames } of block.samples.stacks)
        for (const frame of frames) frame.function = hostile;
      fields.hint = hostile;
    });
    const page = await opened(t, line);
    await page.becomes('document.querySelector("summary")');
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    await page.becomes('document.querySelector(".inside .box")');
    assert.equal(await page.evaluate('window.hacked'), undefined);
    assert.equal(await page.evaluate('document.querySelectorAll("img").length'), 0);
    assert.ok(await page.evaluate('document.body.innerText.includes("<img src=x")'));
    assert.deepEqual(page.complaints, []);
  });

  test('of ten thousand blocks can be used', async (t) => {
    const log = await logOfBlock(t);
    const start = Date.parse('2026-01-02T03:04:05.000Z');
    const lines = Array.from({ length: 10_000 }, (_, number) => {
      return lineLike(log, (block) => {
        block.id = number.toString(16).padStart(32, '0');
        block.startedAt = new Date(start + number * 1000).toISOString();
        block.culprit.function = `function${number % 100}`;
      });
    });
    const page = await opened(t, lines.join(''));
    await page.becomes('/10,000 times/.test(document.querySelector("h1").innerText)');
    const elements = await page.evaluate('document.querySelectorAll("*").length');
    assert.ok(elements < 6000, `${elements}`);
    await page.evaluate('document.querySelector("details").open = true');
    await page.becomes('document.querySelector("details .box")');
  });
});
