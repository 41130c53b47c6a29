/**
 * The Sentry SDK of the program, found where it keeps itself for all its copies: on globalThis, by
 * version (8 to 11). Loopwatch loads no SDK of its own; a second copy would cost the main thread 300 ms.
 *
 * Everything here is another project's inside: it is read with care, and what is not as expected is as
 * good as not there.
 */

/** The parts of a scope that are read. */
interface SdkScope {
  clone(): SdkScope;
  getClient?(): SdkClient | undefined;
  getScopeData?(): { readonly transactionName?: string; readonly eventProcessors?: unknown[] };
  getPropagationContext?(): { readonly traceId?: string; readonly spanId?: string };
}

interface SdkOptions {
  readonly dsn?: string;
  readonly beforeSend?: unknown;
  readonly release?: string;
  readonly environment?: string;
}

/** The parts of a client that are used. */
export interface SdkClient {
  captureEvent(event: object, hint: object, scope: SdkScope): string | undefined;
  getOptions(): SdkOptions;
  flush(timeoutMs: number): PromiseLike<boolean>;
  on(hook: string, listener: (...args: never[]) => void): (() => void) | undefined;
}

/** What is known of the moment at which the thread was blocked. */
export interface SdkMoment {
  readonly client: SdkClient;
  readonly scope: SdkScope;
  readonly isolation: SdkScope | null;
}

interface Carrier {
  readonly acs?: { getCurrentScope?(): SdkScope; getIsolationScope?(): SdkScope };
  readonly stack?: { getScope?(): SdkScope; getIsolationScope?(): SdkScope };
  readonly defaultCurrentScope?: SdkScope;
  readonly defaultIsolationScope?: SdkScope;
  readonly globalScope?: SdkScope;
}

function carriers(): Carrier[] {
  const all = (globalThis as { __SENTRY__?: Record<string, unknown> }).__SENTRY__;
  if (typeof all !== 'object' || all === null) return [];
  return Object.values(all).filter(
    (one): one is Carrier => typeof one === 'object' && one !== null,
  );
}

/** The client and the scopes of the code that runs now; null without an SDK that sends. */
export function sdkNow(): SdkMoment | null {
  for (const { acs, stack, ...carrier } of carriers()) {
    const scope = acs?.getCurrentScope?.() ?? stack?.getScope?.() ?? carrier.defaultCurrentScope;
    const isolation =
      acs?.getIsolationScope?.() ?? stack?.getIsolationScope?.() ?? carrier.defaultIsolationScope;
    const client =
      scope?.getClient?.() ?? isolation?.getClient?.() ?? carrier.globalScope?.getClient?.();
    if (scope === undefined || client?.getOptions?.().dsn === undefined) continue;
    return { client, scope, isolation: isolation ?? null };
  }
  return null;
}
