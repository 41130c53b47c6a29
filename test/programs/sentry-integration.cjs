/**
 * An application that starts loopwatch from `Sentry.init`: `node sentry-integration.cjs <package>`.
 * Blocks for APP_BLOCK_MS; the options of loopwatch are JSON in APP_LOOPWATCH. Ends with its input.
 */
const { loopwatchIntegration } = require('loopwatch/sentry');
const Sentry = require(process.argv[2]);
const { onceUp } = require('./lib/watchdog-up.cjs');

const cell = new Int32Array(new SharedArrayBuffer(4));

function checkout() {
  Atomics.wait(cell, 0, 0, Number(process.env.APP_BLOCK_MS)); // culprit
}

Sentry.init({
  dsn: process.env.APP_DSN,
  integrations: [loopwatchIntegration(JSON.parse(process.env.APP_LOOPWATCH))],
});
console.log('initialised');

onceUp(400, () => {
  Sentry.withIsolationScope((scope) => {
    scope.setUser({ id: 'user-7' });
    checkout();
  });
});
process.stdin.resume().on('end', () => process.exit());
