/**
 * Initialises an SDK with the DSN in APP_DSN, and blocks within a scope of its own, 400 ms after the
 * start at the earliest. Prints `trace <id>`, the trace of that scope. Ends with standard input.
 *
 *   plain  nothing else
 *   keep   a beforeSend that adds the tag `kept`
 *   drop   a beforeSend that returns null, and prints `dropped <event id>`
 */
const { onceUp } = require('./watchdog-up.cjs');

const beforeSends = {
  plain: {},
  keep: { beforeSend: (event) => ({ ...event, tags: { ...event.tags, kept: 'yes' } }) },
  drop: {
    beforeSend(event) {
      console.log('dropped', event.event_id);
      return null;
    },
  },
};

const cell = new Int32Array(new SharedArrayBuffer(4));

function checkout() {
  Atomics.wait(cell, 0, 0, 300); // culprit
}

exports.run = (Sentry, kind) => {
  Sentry.init({ dsn: process.env.APP_DSN, release: 'shop@7', ...beforeSends[kind] });
  onceUp(400, () => {
    Sentry.withIsolationScope((scope) => {
      scope.setUser({ id: 'user-7' });
      scope.setTag('shop', 'north');
      console.log('trace', Sentry.getCurrentScope().getPropagationContext().traceId);
      checkout();
    });
  });
  process.stdin.resume().on('end', () => process.exit());
};
