// Calls start() with each argument's value, and says as a line of JSON what it threw.
import { LoopwatchError, start, stop } from 'loopwatch';
import { evaluate } from './lib/evaluate.mjs';

for (const expression of process.argv.slice(2)) {
  try {
    start(evaluate(expression));
    console.log(JSON.stringify({ threw: false }));
  } catch (error) {
    const { code, message } = error;
    const isOurs = error instanceof LoopwatchError;
    console.log(JSON.stringify({ threw: true, isOurs, code, message }));
  }
}
await stop();
