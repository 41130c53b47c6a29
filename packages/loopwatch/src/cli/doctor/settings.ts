/** What the options in the environment name: are they right, and is it there? */
import { accessSync, constants, existsSync, lstatSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { dirname } from 'node:path';
import { messageOf } from '../../shared/errors.js';
import { JournalFolder } from '../../shared/journal/journal-folder.js';
import type { Chosen } from '../../shared/options/option-schema.js';
import { settingsFrom } from '../../shared/options/options.js';
import { type Finding, fail, ok, warn } from './finding.js';

/** How long a server is waited for. */
const REACH_MS = 5000;

/** The options in force; a finding where they are wrong. */
export function options(): { settings: Chosen | null; finding: Finding } {
  try {
    const settings = settingsFrom({}, process.env);
    const names = Object.keys(process.env).filter((name) => name.startsWith('LOOPWATCH_'));
    const detail = names.length === 0 ? 'all defaults' : names.sort().join(', ');
    return { settings, finding: ok('options', detail) };
  } catch (error) {
    return { settings: null, finding: fail('options', messageOf(error)) };
  }
}

/** The nearest folder above that exists. */
function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function journal({ journalDir }: Chosen): Finding {
  if (!existsSync(journalDir)) {
    if (isWritable(existing(journalDir))) return ok('journal', `${journalDir}, made when needed`);
    return fail('journal', `${journalDir} is not there and can't be made`);
  }
  const stat = lstatSync(journalDir);
  const uid = process.getuid?.();
  if (!stat.isDirectory()) return fail('journal', `${journalDir} is no folder`);
  if (uid !== undefined && stat.uid !== uid) {
    return fail('journal', `${journalDir} belongs to another user (uid ${stat.uid})`);
  }
  if (!isWritable(journalDir)) return fail('journal', `${journalDir} can't be written to`);
  const count = new JournalFolder(journalDir).list().length;
  const wait = count === 0 ? 'nothing waits' : `${count} reports wait for a watched process`;
  return ok('journal', `${journalDir}, ${wait}`);
}

export function logTarget({ log, logTransport }: Chosen): Finding {
  const transports = logTransport.map(({ target }) => target).join(', ');
  if (transports !== '') return ok('log', `${log}, and transports: ${transports}`);
  if (log === 'stderr' || log === 'off') return ok('log', log);
  const place = existsSync(log) ? log : dirname(log);
  return isWritable(place) ? ok('log', log) : fail('log', `${log} can't be written to`);
}

/** Without its key. */
function hostOf(dsn: string): URL | null {
  try {
    const { protocol, host } = new URL(dsn);
    return new URL(`${protocol}//${host}/`);
  } catch {
    return null;
  }
}

/** The status of any answer at all. Not by fetch, which refuses some ports. */
function statusOf(url: URL): Promise<number | undefined> {
  const { request } = url.protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    const asking = request(url, { method: 'HEAD', timeout: REACH_MS }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.on('timeout', () => asking.destroy(new Error(`nothing for ${REACH_MS / 1000} s`)));
    asking.on('error', reject).end();
  });
}

export async function sentry({ sentry: chosen }: Chosen): Promise<Finding> {
  const { SENTRY_DSN: dsn, HTTPS_PROXY: upper, https_proxy: lower } = process.env;
  if (chosen === 'off') return ok('sentry', 'off');
  if (!dsn) return ok('sentry', "no SENTRY_DSN: only the program's own SDK, if it has one");
  const url = hostOf(dsn);
  if (url === null) return fail('sentry', 'SENTRY_DSN is no URL');
  if (upper || lower)
    return warn('sentry', `${url.host} is behind a proxy, which is not tried here`);
  try {
    return ok('sentry', `${url.host} answers (${await statusOf(url)})`);
  } catch (error) {
    return fail('sentry', `${url.host} does not answer: ${messageOf(error)}`);
  }
}
