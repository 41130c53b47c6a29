/** Where captures are stored. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ProfilerOptionError } from '../options/errors.js';

/**
 * `raw` only returns it; `disk` writes a file that nobody else can read; `s3` puts it into a bucket
 * with the AWS SDK that inspector-api brings, `aws` being the options of its client.
 */
export type Storage =
  | { readonly type: 'raw' }
  | { readonly type: 'disk'; readonly directory: string }
  | {
      readonly type: 's3';
      readonly bucket: string;
      /** The beginning of the key, without a slash at the end. */
      readonly dir: string;
      readonly aws?: object | undefined;
    };

const RULE = "{ type: 'raw' }, { type: 'disk', directory } or { type: 's3', bucket, dir }";

/** @throws ProfilerOptionError when it is none */
export function requireStorage(storage: Storage): void {
  const { type, directory, bucket, dir } = (storage ?? {}) as Record<string, unknown>;
  const isText = (value: unknown) => typeof value === 'string' && value !== '';
  if (type === 'raw' || (type === 'disk' && isText(directory))) return;
  if (type === 's3' && isText(bucket) && isText(dir)) return;
  throw new ProfilerOptionError('storage', RULE, JSON.stringify(storage));
}

/** What inspector-api is told: files are written by us. */
export function configOf(storage: Storage): object {
  if (storage.type !== 's3') return { storage: { type: 'raw' } };
  const { aws, ...rest } = storage;
  return { storage: rest, ...(aws === undefined ? {} : { aws }) };
}

/**
 * A name that no earlier capture has, in a folder that is made if it isn't there.
 *
 * @param ending `cpuprofile` or `heapsnapshot`
 */
export function newFile(directory: string, ending: string): string {
  // Captures hold what the program holds: keys, passwords, other people's data.
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const now = new Date().toISOString().replaceAll(':', '-');
  const random = Math.floor(Math.random() * 2 ** 32).toString(16);
  return join(resolve(directory), `${now}-${process.pid}-${random}.${ending}`);
}

/** Writes a new file, for this user alone. */
export function write(file: string, text: string): void {
  // Never through a link that someone has put there.
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
}
