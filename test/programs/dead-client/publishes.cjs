/**
 * Reports a dead client as `@loopwatch/dead-client` does, without one: `node publishes.cjs SDK END`.
 *
 * SDK   a package of Sentry's, initialised with the JSON in APP_SENTRY; `-` for none
 * END   idle   nothing until standard input ends
 *       exit   process.exit(3) in the turn that reported
 */
const { channel } = require('node:diagnostics_channel');

const [, , sdk, end] = process.argv;
if (sdk !== '-') {
  const { drops, ...options } = JSON.parse(process.env.APP_SENTRY);
  if (drops) options.beforeSend = () => null;
  require(sdk).init(options);
}

// By then the watchdog has heard of the client.
setTimeout(() => {
  channel('loopwatch:dead-client').publish({
    schema: 1,
    kind: 'dead-client',
    id: process.env.APP_ID,
    detectedAt: new Date().toISOString(),
    cause: 'zero-window',
    message: 'client 10.0.0.1:5000 does not read any more',
    meta: { session: 'a17' },
  });
  if (end === 'exit') process.exit(3);
  process.stdin.resume().on('end', () => process.exit());
}, 1500);
