/** Calls start() with the options in the first argument, if that is what it holds, and takes it away. */
import { start } from 'loopwatch';
import { evaluate } from './evaluate.mjs';

const hasOptions = process.argv[2]?.startsWith('{');
const [options] = hasOptions ? process.argv.splice(2, 1) : ['{}'];

start(evaluate(options));
