// An ES module application with a Sentry SDK: `node sentry-app.mjs <package> <kind>`.
import runner from './lib/sentry-app.cjs';

runner.run(await import(process.argv[2]), process.argv[3]);
