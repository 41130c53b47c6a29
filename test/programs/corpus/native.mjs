/**
 * One native call that takes 400 ms, 250 ms after the start: `node native.mjs <kind> <folder>`. The
 * folder is an empty one, for the kinds that need files. Prints `measured <ms>`, and `cpu <ms>` if
 * the call wants one, in the turn that blocked.
 */
import { execFileSync, execSync, spawn } from 'node:child_process';
import { randomBytes, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { measured, now } from '../lib/clock.mjs';
import { sized } from '../lib/sized.mjs';
import { onceUp } from '../lib/watchdog-up.cjs';

const BLOCK_MS = 400;
const DELAY_MS = 250;

const [, , kind, folder] = process.argv;

/** Rows as a table of a database has them. */
function rows(count) {
  return Array.from({ length: count }, (_, id) => ({ id, name: `row ${id}`, tags: ['a', 'b'] }));
}

/** JSON whose parsing takes about as long as the block is to be. */
function longJson() {
  const page = JSON.stringify(rows(5000));
  const pages = sized(BLOCK_MS, (count) => JSON.parse(jsonOf(page, count)), 2);
  return jsonOf(page, pages);
}

/** In one piece, as it would come from a file or a socket. */
function jsonOf(page, count) {
  return Buffer.from(`[${Array(count).fill(page).join()}]`).toString();
}

/** Nothing of ours runs after the call: the turn is over, and the next one says how long it took. */
function parseLast(text) {
  const started = now();
  setImmediate(() => console.log(measured(started)));
  JSON.parse(text); // culprit: parse-last
}

function parseThenMore(text) {
  const started = now();
  const pages = JSON.parse(text); // culprit: parse-then-more
  const total = summarise(pages);
  describe(total);
  console.log(measured(started));
}

/** Short, and blameless. */
function summarise(pages) {
  return pages.reduce((sum, page) => sum + page.length, 0);
}

function describe(total) {
  console.log(`${total} rows`);
}

function stringify(value) {
  const started = now();
  JSON.stringify(value); // culprit: stringify
  console.log(measured(started));
}

function longValue() {
  const page = rows(5000);
  const pages = sized(BLOCK_MS, (count) => JSON.stringify(Array(count).fill(page)), 2);
  return Array(pages).fill(page);
}

function derive(rounds) {
  scryptSync('password', 'salt', 64, { N: 4096, r: 8, p: rounds, maxmem: 2 ** 28 }); // culprit: scrypt
}

function scrypt(rounds) {
  const started = now();
  derive(rounds);
  console.log(measured(started));
}

function gzip(bytes) {
  const started = now();
  gzipSync(bytes); // culprit: gzip
  console.log(measured(started));
}

function longBuffer() {
  const unit = 2 ** 18;
  return randomBytes(unit * sized(BLOCK_MS, (count) => gzipSync(randomBytes(unit * count)), 1));
}

/** A pipe that somebody else writes to, by and by. */
function fifo() {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

function readFifo(path) {
  spawn('sh', ['-c', `sleep ${BLOCK_MS / 1000}; echo text > "$0"`, path], { stdio: 'ignore' });
  // Starting a program takes a while, too; that is another turn.
  setTimeout(readSlowly, 10, path);
}

function readSlowly(path) {
  const started = now();
  readFileSync(path); // culprit: fifo
  console.log(measured(started, false));
}

function exec(seconds) {
  const started = now();
  execSync(`sleep ${seconds}`); // culprit: exec
  console.log(measured(started, false));
}

const kinds = {
  'parse-last': { block: parseLast, input: longJson },
  'parse-then-more': { block: parseThenMore, input: longJson },
  stringify: { block: stringify, input: longValue },
  scrypt: { block: scrypt, input: () => sized(BLOCK_MS, derive, 1) },
  gzip: { block: gzip, input: longBuffer },
  fifo: { block: readFifo, input: fifo },
  exec: { block: exec, input: () => BLOCK_MS / 1000 },
};

const { block, input } = kinds[kind];
onceUp(DELAY_MS, block, input());
