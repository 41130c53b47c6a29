/**
 * The codes that loopwatch's errors carry. Match on these, never on the message.
 *
 * - `LOOPWATCH_E_OPTION`: an option has a value that its rule forbids, or does not exist.
 * - `LOOPWATCH_E_DENIED`: the permission model refuses what watching needs (worker or inspector).
 * - `LOOPWATCH_E_VERSION`: another copy of loopwatch with another protocol watches this process.
 */
export type LoopwatchErrorCode =
  | 'LOOPWATCH_E_OPTION'
  | 'LOOPWATCH_E_DENIED'
  | 'LOOPWATCH_E_VERSION';

/** Every error that loopwatch throws on purpose. */
export class LoopwatchError extends Error {
  override readonly name = 'LoopwatchError';
  readonly code: LoopwatchErrorCode;

  constructor(code: LoopwatchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What an unknown thrown value says, for one line on stderr. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system or Node error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
