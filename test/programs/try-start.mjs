/**
 * Calls start() with each argument's value, and says as a line of JSON what it threw. With `afresh` as
 * the first argument each is on its own; otherwise later calls keep what earlier ones chose.
 */
import { LoopwatchError, start, stop } from 'loopwatch';
import { evaluate } from './lib/evaluate.mjs';

const [first, ...others] = process.argv.slice(2);
const isAfresh = first === 'afresh';

for (const expression of isAfresh ? others : [first, ...others]) {
  try {
    start(evaluate(expression));
    console.log(JSON.stringify({ threw: false }));
  } catch (error) {
    const { code, message } = error;
    const isOurs = error instanceof LoopwatchError;
    console.log(JSON.stringify({ threw: true, isOurs, code, message }));
  }
  if (isAfresh) await stop();
}
await stop();
