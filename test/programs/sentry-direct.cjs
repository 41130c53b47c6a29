/**
 * An application with a Sentry SDK whose client does not get to send: it exits in the turn that blocked.
 * `node sentry-direct.cjs <package>`; the options of the SDK are JSON in APP_SENTRY. `-` for no SDK.
 */
const { readFileSync } = require('node:fs');
const { onceUp } = require('./lib/watchdog-up.cjs');

const cell = new Int32Array(new SharedArrayBuffer(4));

// What Sentry's bundler plugins put into each file.
globalThis._sentryDebugIds = { [new Error().stack]: '9d1f6a52-1a2b-4c3d-8e4f-5a6b7c8d9e0f' };

function leave() {
  Atomics.wait(cell, 0, 0, 400); // culprit
  process.exit(3);
}

function withSdk(Sentry) {
  const { caFile, ignore, ...options } = JSON.parse(process.env.APP_SENTRY);
  if (ignore !== undefined) options.ignoreErrors = [new RegExp(ignore, 'i')];
  if (caFile !== undefined) options.transportOptions = { caCerts: readFileSync(caFile, 'utf8') };
  Sentry.init(options);
  return () => {
    Sentry.withIsolationScope((scope) => {
      console.log('trace', Sentry.getCurrentScope().getPropagationContext().traceId);
      scope.setUser({ id: 'user-7', email: 'seven@example.com' });
      scope.setTag('shop', 'north');
      scope.addBreadcrumb({ category: 'cart', message: 'added a chair', data: { secret: 'x' } });
      leave();
    });
  };
}

const [, , sdk] = process.argv;
// The second after which loopwatch has looked for an SDK.
onceUp(1500, sdk === '-' ? leave : withSdk(require(sdk)));
