/** Blocks for as many ms as its arguments say, one block after the other; then stays as long as stdin. */
import { Renderer } from './busy.js';

enum Pause {
  ms = 300,
}

const renderer: Renderer = new Renderer('sales');

async function renderAll(times: readonly number[]): Promise<void> {
  for (const ms of times) {
    await new Promise((resolve) => setTimeout(resolve, Pause.ms));
    const started: number = Date.now();
    const { rows } = renderer.renderReport(ms);
    console.log(`rendered ${rows > 0} in ${Date.now() - started}`);
  }
}

process.stdin.resume();
await renderAll(process.argv.slice(2).map(Number));
