/** Which reports the program's Sentry client would not have sent, by its options alone. */
import type { SentryTarget } from '../../../shared/sentry/sentry.js';

/** `ignoreErrors` as it came over: a text, or an expression as `/source/flags`. */
function matches(message: string, rule: string): boolean {
  const [, source, flags = ''] = /^\/(.+)\/([dgimsuvy]*)$/s.exec(rule) ?? [];
  if (source === undefined) return message.includes(rule);
  try {
    return new RegExp(source, flags.replace(/[gy]/g, '')).test(message);
  } catch {
    return false;
  }
}

/** The first 32 bits of an id as a share of 1: the same event is always in the same sample. */
function shareOf(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16) / 2 ** 32;
}

/**
 * Whether an event is sent.
 *
 * @param message what Sentry shows of it: `TYPE: VALUE`
 */
export function isSent(
  id: string,
  message: string,
  { sampleRate, ignoreErrors }: Pick<SentryTarget, 'sampleRate' | 'ignoreErrors'>,
): boolean {
  if (shareOf(id) >= sampleRate) return false;
  return !ignoreErrors.some((rule) => matches(message, rule));
}
