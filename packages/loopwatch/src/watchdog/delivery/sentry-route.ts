/** Where events go that no client of the program sends. */
import type { Setup } from '../../shared/messages/messages.js';
import type { SentryParcel, SentryTarget } from '../../shared/sentry/sentry.js';
import type { SentryEvidence } from '../verdict/report.js';

/** Knows the address: the program's client's, the one found on a stack, or the environment's. */
export class SentryRoute {
  #setup: Setup;
  /** Undefined until the program has a client. */
  #sdkTarget: SentryTarget | null | undefined;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  configure(setup: Setup): void {
    this.#setup = setup;
  }

  /** The program has a Sentry client. */
  useSdk(target: SentryTarget | null): void {
    this.#sdkTarget = target;
  }

  /** Where events go that nothing was found for; null when nowhere. */
  get target(): SentryTarget | null {
    const { settings, sentry } = this.#setup;
    if (settings.sentry === 'off') return null;
    return this.#sdkTarget === undefined ? sentry : this.#sdkTarget;
  }

  /** How an event goes past the program's client, by what was found on the stack; null when nowhere. */
  parcel({ sentry, debugIds }: SentryEvidence): SentryParcel | null {
    const found = sentry === null ? this.target : sentry.target;
    if (found === null || this.#setup.settings.sentry === 'off') return null;
    // Certificates are too long for a capture.
    const known = found.dsn === this.#sdkTarget?.dsn ? this.#sdkTarget : found;
    const detail = sentry?.filtered === true ? 'minimal' : 'full';
    return { target: known, detail, scope: sentry?.scope ?? null, debugIds };
  }
}
