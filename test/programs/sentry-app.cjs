// A CommonJS application with a Sentry SDK: `node sentry-app.cjs <package> <kind>`; see sentry-app.mjs.
const { run } = require('./lib/sentry-app.cjs');

run(require(process.argv[2]), process.argv[3]);
