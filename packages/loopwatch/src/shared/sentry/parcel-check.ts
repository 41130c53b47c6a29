/** Whether something read from a disk says how a report goes to Sentry. */
import { type Check, fields, flag, list, number, oneOf, orNull, text } from '../record/checks.js';
import type { SentryParcel } from './sentry.js';

const plain = (value: unknown) => text(value) || number(value) || flag(value);
const table = (check: Check): Check => {
  return (value) => fields({})(value) && Object.values(value as object).every(check);
};

const parcel = fields({
  target: fields({
    dsn: text,
    release: orNull(text),
    environment: text,
    dist: orNull(text),
    tunnel: orNull(text),
    proxy: orNull(text),
    caCerts: orNull(text),
    headers: table(text),
    sampleRate: number,
    ignoreErrors: list(text, 1000),
  }),
  detail: oneOf('full', 'minimal'),
  scope: orNull(
    fields({
      user: orNull(table(plain)),
      tags: table(plain),
      breadcrumbs: list(table(plain), 1000),
      transaction: orNull(text),
    }),
  ),
  debugIds: orNull(table(text)),
});

/** Whether it has all that a parcel has. */
export function isParcel(value: unknown): value is SentryParcel {
  return parcel(value);
}
