/** What a check of the doctor says. */
export interface Finding {
  readonly check: string;
  /** `fail`: loopwatch does not work like this. `warn`: something of it does not. */
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly detail: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, verdict: 'ok', detail };
}

export function warn(check: string, detail: string): Finding {
  return { check, verdict: 'warn', detail };
}

export function fail(check: string, detail: string): Finding {
  return { check, verdict: 'fail', detail };
}
