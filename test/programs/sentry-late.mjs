// The same, which starts loopwatch in code, after the SDK was initialised.
import { start } from 'loopwatch';
import runner from './lib/sentry-app.cjs';

runner.run(await import(process.argv[2]), process.argv[3]);
start();
