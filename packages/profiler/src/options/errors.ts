/** The errors of this package, and the codes that they carry. */

/** An option or argument that breaks its rule. Match on `code`, and not on the message. */
export class ProfilerOptionError extends Error {
  override readonly name = 'ProfilerOptionError';
  readonly code = 'LOOPWATCH_E_OPTION';

  /** @param rule what the value has to be */
  constructor(option: string, rule: string, value: unknown) {
    super(`${option} must be ${rule}, not ${typeof value === 'string' ? `'${value}'` : value}`);
  }
}

/** @throws ProfilerOptionError when it is no number from `least` to `most` */
export function requireNumber(option: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw new ProfilerOptionError(option, `a number from ${least} to ${most}`, value);
}

/** The `code` of an error, if it has one. */
export function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null)?.code;
}
