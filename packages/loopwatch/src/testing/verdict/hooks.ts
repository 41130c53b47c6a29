/** The hooks of a file of tests: what they block is no test's. */
import type { GatePort } from '../../main/api.js';
import { onSettled } from '../../main/host/settled.js';
import { nowMs } from '../../shared/clock.js';
import { type Finding, HOOK_SCOPE, withoutHooks } from './judge.js';

/** Remembers when hooks ran. */
export class Hooks {
  #ran: { readonly startMs: number; endMs: number }[] = [];

  /** Runs a hook. */
  run<T>(fn: () => T, port: GatePort, thresholdMs: number): T {
    const ran = { startMs: nowMs(), endMs: Number.POSITIVE_INFINITY };
    this.#ran.push(ran);
    return onSettled(
      () => port.follow(fn, { name: HOOK_SCOPE, thresholdMs }),
      () => {
        ran.endMs = nowMs();
      },
    );
  }

  /** What was not found in hooks alone. */
  without(findings: readonly Finding[]): Finding[] {
    return withoutHooks(findings, this.#ran);
  }

  forget(): void {
    this.#ran = [];
  }
}
