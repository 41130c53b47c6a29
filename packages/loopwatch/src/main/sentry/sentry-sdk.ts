/**
 * The Sentry SDK of the program, found where it keeps itself for all its copies: on globalThis, by
 * version (8 to 11). Loopwatch loads no SDK of its own; a second copy would cost the main thread 300 ms.
 *
 * Everything here is another project's inside: it is read with care, and what is not as expected is as
 * good as not there.
 */

/** What a scope holds, as far as it is read. */
interface SdkScopeData {
  readonly transactionName?: unknown;
  readonly eventProcessors?: readonly unknown[];
  readonly user?: unknown;
  readonly tags?: unknown;
  readonly breadcrumbs?: unknown;
}

interface SdkSpan {
  spanContext(): { readonly traceId?: string; readonly spanId?: string };
}

/** The parts of a scope that are read. */
export interface SdkScope {
  clone(): SdkScope;
  getClient?(): SdkClient | undefined;
  getScopeData?(): SdkScopeData;
  getPropagationContext?(): { readonly traceId?: string; readonly spanId?: string };
}

interface SdkOptions {
  readonly dsn?: string;
  readonly enabled?: boolean;
  readonly beforeSend?: unknown;
  readonly release?: unknown;
  readonly environment?: unknown;
  readonly dist?: unknown;
  readonly tunnel?: unknown;
  readonly sampleRate?: unknown;
  readonly ignoreErrors?: unknown;
  readonly transportOptions?: {
    readonly proxy?: unknown;
    readonly caCerts?: unknown;
    readonly headers?: unknown;
  };
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
  readonly global: SdkScope | null;
  readonly span: SdkSpan | null;
}

/** What Sentry calls the place where each of its copies keeps its state. */
interface Carrier {
  readonly acs?: {
    getCurrentScope?(): SdkScope;
    getIsolationScope?(): SdkScope;
    getActiveSpan?(): SdkSpan | undefined;
  };
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

/** The span of the code that runs now. SDK 11 keeps it in the scope, by a WeakRef. */
function spanOf({ acs }: Carrier, scope: SdkScope): SdkSpan | null {
  const { refs } = scope as { refs?: { span?: { deref?(): SdkSpan | undefined } } };
  return acs?.getActiveSpan?.() ?? refs?.span?.deref?.() ?? null;
}

/**
 * The client and the scopes of the code that runs now; null without an SDK that knows where to send.
 *
 * @param own the client to use, where the program has named one
 */
export function sdkNow(own: SdkClient | null): SdkMoment | null {
  for (const carrier of carriers()) {
    const { acs, stack } = carrier;
    const scope = acs?.getCurrentScope?.() ?? stack?.getScope?.() ?? carrier.defaultCurrentScope;
    const isolation =
      acs?.getIsolationScope?.() ?? stack?.getIsolationScope?.() ?? carrier.defaultIsolationScope;
    const found =
      scope?.getClient?.() ?? isolation?.getClient?.() ?? carrier.globalScope?.getClient?.();
    const client = own ?? found;
    if (scope === undefined || client?.getOptions?.().dsn === undefined) continue;
    const span = spanOf(carrier, scope);
    const global = carrier.globalScope ?? null;
    return { client, scope, isolation: isolation ?? null, global, span };
  }
  return null;
}
