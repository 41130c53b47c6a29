/** The calls that block, and what to use instead. The first row that fits is the advice. */

import { POOL, POOL_LINK } from './advice-pool.js';
import { builtin, type Call, either, nodes, packages } from './blocking-call.js';

function made(): readonly Call[] {
  return [
    {
      isFrame: nodes(/^node:(?:internal\/)?child_process$/, /^(?:exec|execFile|spawn)Sync$/),
      source: /\b(?:exec|execFile|spawn)Sync\s*\(/,
      waits: true,
      advice: {
        id: 'child-process',
        hint: 'Use execFile or spawn instead of their Sync forms: the loop turns while the other program runs.',
        title: 'A program was run synchronously',
        text: 'execSync, execFileSync and spawnSync stop the whole process until the other program has ended. The forms without Sync do the same work while the loop turns. execFile also needs no shell, so that nothing in its arguments can be taken for a command.',
        snippet: `import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const { stdout } = await run('git', ['log', '--oneline'], { timeout: 10_000 });`,
        links: [
          {
            title: 'Node.js: execFile',
            url: 'https://nodejs.org/api/child_process.html#child_processexecfilefile-args-options-callback',
          },
        ],
      },
    },
    {
      isFrame: either(
        nodes(/^node:internal\/crypto\/(?:pbkdf2|scrypt|hkdf|argon2)$/, /Sync$/),
        packages(
          /[\\/]node_modules[\\/](?:bcrypt|bcryptjs|argon2|@node-rs[\\/](?:bcrypt|argon2))[\\/]/,
        ),
      ),
      source:
        /\b(?:pbkdf2|scrypt|hkdf|argon2)Sync\s*\(|\bbcrypt\w*\.\w+Sync\s*\(|\b(?:hash|compare|genSalt)Sync\s*\(/,
      advice: {
        id: 'password-hash',
        hint: 'Use the asynchronous form (scrypt, pbkdf2, bcrypt.hash, bcrypt.compare): it computes on another thread.',
        title: 'A password was hashed synchronously',
        text: 'Deriving a key from a password is slow by design. The asynchronous forms of scrypt, pbkdf2 and of the package bcrypt do it on the thread pool of libuv. bcryptjs is JavaScript and computes on the event loop in either form: prefer bcrypt, or a pool of worker threads.',
        snippet: `import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';

const key = await promisify(scrypt)(password, salt, 64);`,
        links: [
          {
            title: 'Node.js: scrypt',
            url: 'https://nodejs.org/api/crypto.html#cryptoscryptpassword-salt-keylen-options-callback',
          },
        ],
      },
    },
    {
      isFrame: nodes(
        /^node:internal\/crypto\/(?:keygen|random)$/,
        /Sync$|^random(?:Bytes|Fill|UUID)/,
      ),
      source:
        /\b(?:generateKeyPair|generateKey|generatePrime|checkPrime|randomFill)Sync\s*\(|\brandomBytes\s*\([^,]*\)/,
      advice: {
        id: 'key-generation',
        hint: 'Use generateKeyPair, generatePrime or randomBytes with a callback: they compute on another thread.',
        title: 'A key, a prime or random bytes were made synchronously',
        text: 'Primes are found by trial, so that an RSA key can take seconds. With a callback, or promisified, the same functions compute on the thread pool of libuv. An elliptic key (ed25519) is made in a fraction of the time.',
        snippet: `import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

const { publicKey, privateKey } = await promisify(generateKeyPair)('ed25519');`,
        links: [
          {
            title: 'Node.js: generateKeyPair',
            url: 'https://nodejs.org/api/crypto.html#cryptogeneratekeypairtype-options-callback',
          },
        ],
      },
    },
    {
      isFrame: nodes(/^node:zlib$/, /Sync(?:$|BufferWrapper$)|^syncBufferWrapper$/),
      source:
        /\b(?:gzip|gunzip|deflate|inflate|deflateRaw|inflateRaw|unzip|brotliCompress|brotliDecompress|zstdCompress|zstdDecompress)Sync\s*\(/,
      advice: {
        id: 'compression',
        hint: 'Use a zlib stream, or gzip, brotliCompress and their likes with a callback: they compute on another thread.',
        title: 'Data was compressed or decompressed synchronously',
        text: 'A stream compresses piece by piece on the thread pool of libuv and never holds the whole in memory. For data that is whole already there are the forms with a callback. Brotli at its default quality of 11 is very slow: for responses made on the fly, 4 is usual.',
        snippet: `import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

await pipeline(source, createGzip(), response);`,
        links: [{ title: 'Node.js: zlib', url: 'https://nodejs.org/api/zlib.html' }],
      },
    },
    {
      isFrame: nodes(/^node:internal\/crypto\/(?:hash|sig|cipher)$/),
      source:
        /\bcreate(?:Hash|Hmac|Sign|Verify|Cipheriv|Decipheriv)\s*\(|\.digest\s*\(|\bcrypto\.(?:hash|sign|verify)\s*\(/,
      advice: {
        id: 'hashing',
        hint: 'Hash large data as a stream, piece by piece, and sign with a callback, or do it in a worker thread.',
        title: 'A lot of data was hashed, signed or encrypted in one go',
        text: 'update() and digest() compute on the event loop, some hundred MB a second. A stream gives way between its pieces; sign() and verify() with a callback compute on another thread; what comes in one huge piece belongs into a worker thread.',
        snippet: `import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

const hash = createHash('sha256');
await pipeline(createReadStream(file), hash);
const digest = hash.digest('hex');`,
        links: [{ title: 'Node.js: Hash', url: 'https://nodejs.org/api/crypto.html#class-hash' }],
      },
    },
    {
      isFrame: builtin(/^(?:JSON\.)?(?:parse|stringify)$/),
      callsBack: true,
      source: /\bJSON\.(?:parse|stringify)\s*\(|\.json\s*\(/,
      advice: {
        id: 'json',
        hint: 'Make the JSON smaller (pages, fewer fields), stream it, or parse and stringify it in a worker thread.',
        title: 'A large JSON text was parsed or made',
        text: 'JSON.parse and JSON.stringify can not be interrupted; they take about 10 ms for each MB. Ask for less: pages, a limit of the body size, only the fields that are needed. What has to be large is read and written as a stream (stream-json, JSON lines), or in a worker thread that gives back only the part you need.',
        snippet: `import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

// One JSON value a line (NDJSON): the loop turns between them.
for await (const line of createInterface({ input: createReadStream('rows.ndjson') })) {
  await save(JSON.parse(line));
}`,
        links: [{ title: 'stream-json', url: 'https://github.com/uhop/stream-json' }, POOL_LINK],
      },
    },
    {
      isFrame: (frame) =>
        !frame.inApp && /^(?:structuredClone|(?:de)?serialize)$/.test(frame.function ?? ''),
      source: /\bstructuredClone\s*\(|\b(?:v8\.)?(?:de)?serialize\s*\(|\.postMessage\s*\(/,
      advice: {
        id: 'structured-clone',
        hint: 'Clone less: copy only what changes, share what is read only, and transfer buffers instead of copying them.',
        title: 'A large value was cloned',
        text: 'structuredClone, v8.serialize and postMessage walk through the whole value on the event loop. Copy the part that changes and share the rest; freeze what nobody may change. Buffers can be transferred to a worker thread without a copy, or be a SharedArrayBuffer.',
        snippet: `// Copies two levels, not everything.
const changed = { ...order, lines: [...order.lines, line] };

// An ArrayBuffer moves, nothing is copied.
worker.postMessage(buffer, [buffer]);`,
        links: [
          {
            title: 'MDN: Transferable objects',
            url: 'https://developer.mozilla.org/en-US/docs/Web/API/Web_Workers_API/Transferable_objects',
          },
        ],
      },
    },
    {
      isFrame: builtin(
        /^(?:RegExp\.|String\.)?(?:exec|test|match|matchAll|replace|replaceAll|search|split|\[Symbol\.(?:match|matchAll|replace|search|split)\])$/,
      ),
      source:
        /\/[dgimsuvy]*\.(?:test|exec)\s*\(|\.(?:match|matchAll|replace|replaceAll|search|split)\s*\(\s*\/|\bRegExp\s*\(/,
      advice: {
        id: 'regular-expression',
        hint: 'Rewrite the regular expression without nested or overlapping repetition, limit the input length, or use re2.',
        title: 'A regular expression did not come to an end',
        text: 'An expression such as /^(a+)+$/ can match in exponentially many ways, and on text that nearly matches all of them are tried: a few dozen characters are enough for minutes. Whoever sends the text can stop the process (ReDoS). Write it so that there is one way to match, check the length first, or use re2, whose time grows with the length only.',
        snippet: `if (text.length > 1000) throw new RangeError('too long');
/^a+$/.test(text); // instead of /^(a+)+$/

import RE2 from 're2';
new RE2('^(a+)+$').test(text); // linear time, whatever the text`,
        links: [
          {
            title: 'OWASP: ReDoS',
            url: 'https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS',
          },
          { title: 're2', url: 'https://github.com/uhop/node-re2' },
        ],
      },
    },
    {
      isFrame: builtin(/^(?:Array\.)?(?:sort|toSorted)$/),
      callsBack: true,
      source: /\.(?:sort|toSorted)\s*\(/,
      advice: {
        id: 'sort',
        hint: 'Sort fewer items (let the database sort, keep only the first n), make comparing cheap, or sort in a worker.',
        title: 'A large array was sorted',
        text: 'Sorting calls its comparing function some twenty times for each of a million items. Let the database sort and limit. Work out each sort key once instead of in every comparison (dates, localeCompare: an Intl.Collator is many times faster). What has to be large belongs into a worker thread.',
        snippet: `// Made once, instead of a.localeCompare(b) in each comparison.
const collator = new Intl.Collator('en');
names.sort(collator.compare);

${POOL}`,
        links: [POOL_LINK],
      },
    },
    {
      isFrame: builtin(/^(?:Atomics\.)?wait$/),
      source: /\bAtomics\.wait\s*\(/,
      waits: true,
      advice: {
        id: 'atomics-wait',
        hint: 'Use Atomics.waitAsync or a message instead of Atomics.wait, which puts the whole event loop to sleep.',
        title: 'The thread slept in Atomics.wait',
        text: 'Atomics.wait stops the thread and all that is in flight on it. Atomics.waitAsync gives a promise for the same moment; messages of a MessagePort wake the loop by themselves. For a pause there is setTimeout.',
        snippet: `await Atomics.waitAsync(cell, 0, 0).value; // instead of Atomics.wait(cell, 0, 0)

import { setTimeout as sleep } from 'node:timers/promises';
await sleep(300); // a pause`,
        links: [
          {
            title: 'MDN: Atomics.waitAsync',
            url: 'https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Atomics/waitAsync',
          },
        ],
      },
    },
    {
      isFrame: nodes(/^node:internal\/(?:util\/inspect|console\/)/),
      source: /\bconsole\.(?:log|error|warn|info|debug|dir|table|trace)\s*\(|\binspect\s*\(/,
      waits: true,
      advice: {
        id: 'console',
        hint: 'Log less: no large objects, no line for each item; write with an asynchronous logger such as pino.',
        title: 'Too much was written with console, or inspected',
        text: 'console.log formats objects with util.inspect, and to a file or a terminal it writes synchronously: it waits for a terminal that is slow. Log a number or an id instead of the object, one line for many items, and through a logger that writes in batches from another thread.',
        snippet: `import pino from 'pino';

const logger = pino(pino.destination({ sync: false }));
logger.info({ orderId: order.id, lines: order.lines.length }, 'order placed');`,
        links: [
          {
            title: 'pino: asynchronous logging',
            url: 'https://github.com/pinojs/pino/blob/main/docs/asynchronous.md',
          },
        ],
      },
    },
    {
      isFrame: either(
        nodes(/^node:sqlite$/),
        packages(/[\\/]node_modules[\\/](?:better-sqlite3|libsql|deasync|sync-rpc)[\\/]/),
      ),
      source: /\bDatabaseSync\b|\.prepare\s*\(.*\)\.(?:all|get|run|iterate)\s*\(/,
      waits: true,
      advice: {
        id: 'sync-database',
        hint: 'Make the query faster (an index, a LIMIT), or run the synchronous database driver in a worker thread.',
        title: 'A synchronous database was asked',
        text: 'node:sqlite and better-sqlite3 answer on the event loop. For short queries that is the fastest there is; a long one stops everything. EXPLAIN QUERY PLAN tells whether it reads a whole table: an index or a LIMIT may be all it needs. Queries that have to be long belong into a worker thread.',
        snippet: `database.exec('CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer)');

${POOL}`,
        links: [POOL_LINK],
      },
    },
    {
      isFrame: nodes(/^node:(?:internal\/)?fs(?:\/|$)/, /Sync$/),
      source:
        /\b(?:readFile|writeFile|appendFile|read|write|open|readdir|stat|lstat|access|exists|mkdir|rm|rmdir|unlink|rename|copyFile|cp|realpath|fsync|glob)Sync\s*\(/,
      waits: true,
      advice: {
        id: 'sync-file',
        hint: 'Use node:fs/promises (readFile, writeFile, readdir) instead of the Sync functions of node:fs.',
        title: 'A file was read or written synchronously',
        text: 'The Sync functions of node:fs stop the process until the disk, the network drive or the pipe has answered. node:fs/promises does the same while the loop turns. What never changes can be read once, before the server listens; what is large is better read as a stream.',
        snippet: `import { readFile } from 'node:fs/promises';

const text = await readFile('template.html', 'utf8');`,
        links: [
          { title: 'Node.js: fs/promises', url: 'https://nodejs.org/api/fs.html#promises-api' },
        ],
      },
    },
  ];
}

let table: readonly Call[] | undefined;

/** The table, made when first asked for: the preload of most programs never needs it. */
export function calls(): readonly Call[] {
  table ??= made();
  return table;
}
