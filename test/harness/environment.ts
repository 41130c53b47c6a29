/** The environment of what the tests start: ours, without what would change how Node or loopwatch behave. */

const UNWANTED = /^(?:NODE_(?!EXTRA_CA_CERTS$)|LOOPWATCH_|SENTRY_)/;

/** A copy of our environment without NODE_*, LOOPWATCH_*, SENTRY_* and proxies, plus `extra`. */
export function cleanEnvironment(
  extra: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !UNWANTED.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}
