/**
 * Gives another program a sink of its own: `node own-sinks.mjs <sink> <file> <program> ...`.
 *
 * sink  logger  a pino logger that writes to the file
 *       sentry  Sentry's SDK, with the DSN in APP_DSN
 */
import { pathToFileURL } from 'node:url';
import { start } from 'loopwatch';
import { pino } from 'pino';
import * as Sentry from 'sentry10';

const [sink, file, program] = process.argv.splice(2, 3);

if (sink === 'sentry') Sentry.init({ dsn: process.env.APP_DSN });
start(sink === 'logger' ? { logger: pino(pino.destination({ dest: file, sync: true })) } : {});
process.argv[1] = program;
await import(pathToFileURL(program).href);
