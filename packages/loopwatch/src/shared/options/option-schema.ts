/**
 * Every option of loopwatch, in one table: its rule, its default, how the environment spells it.
 * `docs/options.md` is generated from it, so what is written here is what users read.
 */
import {
  type LogTransport,
  logTransport,
  type ProgramLogger,
  programLogger,
} from './log-options.js';
import {
  address,
  boolean,
  headerName,
  isPath,
  isPattern,
  isText,
  list,
  number,
  type Option,
  objectOrOff,
  oneOf,
  option,
  text,
  token,
} from './option-rules.js';
import { OFF } from './serve-address.js';

/** 2^31 - 1 ms, the longest time that a Node timer can hold. */
export const LONGEST_MS = 2_147_483_647;

/** Programs in which a preload carried by NODE_OPTIONS has nothing to look for. */
const TOOLS = [
  ...['npm', 'npx', 'pnpm', 'pnpx', 'yarn', 'yarnpkg', 'corepack', 'node-gyp', 'tsc', 'tsserver'],
  ...['eslint', 'prettier', 'biome', 'rollup', 'webpack', 'esbuild', 'vite', 'tsx', 'ts-node'],
  ...['nodemon', 'lerna', 'nx', 'turbo', 'husky', 'lint-staged', 'knip'],
] as const;

/** How the threshold follows the loop's own delays. The names and defaults are fastapi-loopguard's. */
export interface AdaptiveSettings {
  /** How many of the latest beats count. */
  readonly windowSize: number;
  /** Which of their delays is taken. */
  readonly percentile: number;
  /** How many beats there must have been. */
  readonly minSamples: number;
  /** How many times that delay the threshold is. */
  readonly multiplier: number;
  /** How often it is taken anew, in ms. */
  readonly updateMs: number;
}

/** When many short blocks are one report. The names and defaults are fastapi-loopguard's. */
export interface CumulativeSettings {
  /** How long the loop must be blocked in all within the window, in ms. */
  readonly thresholdMs: number;
  /** The length of the window, in ms. */
  readonly windowMs: number;
}

const adaptive = objectOrOff<AdaptiveSettings>({
  windowSize: option(number(1, 100_000, 'beats'), 1000, ''),
  percentile: option(number(0.5, 0.99, ''), 0.95, ''),
  minSamples: option(number(1, 100_000, 'beats'), 100, ''),
  multiplier: option(number(1, 1000, ''), 5, ''),
  updateMs: option(number(1, 3_600_000, 'ms'), 1000, ''),
});

const cumulative = objectOrOff<CumulativeSettings>({
  thresholdMs: option(number(1, LONGEST_MS, 'ms'), 200, ''),
  windowMs: option(number(1, 3_600_000, 'ms'), 1000, ''),
});

/** The table. The order is the documentation's. */
export const SCHEMA_OF_OPTIONS = {
  enabled: option(boolean, true, 'Whether to watch at all.'),
  thresholdMs: option(
    number(1, LONGEST_MS, 'ms'),
    100,
    'A turn of the event loop longer than this is a block. At least 2 x beatMs.',
  ),
  beatMs: option(
    number(1, 1000, 'ms'),
    20,
    'How often the watched thread says that its loop turns. Durations are right to within one beat.',
  ),
  sampleMs: option(
    number(1, 60_000, 'ms'),
    20,
    'How often the blocked stack is taken, jittered by half of it either way and stretched for long blocks, so that sampling stays under 2% of the block.',
  ),
  hangMs: option(
    number(2, LONGEST_MS, 'ms'),
    5000,
    'A block that lasts this long is reported as a hang while it lasts. More than thresholdMs.',
  ),
  onHang: option(
    oneOf('report', 'abort'),
    'report',
    "What happens to a process whose main thread hangs: 'report' only, or 'abort', which ends it with SIGABRT abortAfterMs after the hang was written to the journal, so that a supervisor starts it again. A hang that ends in time aborts nothing.",
  ),
  abortAfterMs: option(
    number(0, LONGEST_MS, 'ms'),
    1000,
    "How long onHang: 'abort' waits, for the report to be delivered and for the hang to end after all.",
  ),
  adaptive: option(
    adaptive,
    false,
    'Lets the threshold follow the delays that the loop usually has: multiplier x the percentile of the latest windowSize delays, taken every updateMs once there are minSamples. Never under thresholdMs, never over hangMs.',
    'false',
  ),
  cumulative: option(
    cumulative,
    { thresholdMs: 200, windowMs: 1000 } as CumulativeSettings | false,
    'Many short blocks are one report of kind cumulative when they block the loop for more than thresholdMs within windowMs. false turns it off.',
    '{ thresholdMs: 200, windowMs: 1000 }',
  ),
  workers: option(
    boolean,
    true,
    'Whether worker threads that were started with the preload are watched, too.',
  ),
  startup: option(
    oneOf('report', 'log', 'ignore'),
    'log',
    "Blocks while the main module loads: 'report' them like any other, 'log' them at info level (silent by default, and never sent to Sentry), or 'ignore' them.",
  ),
  ignorePrograms: option(
    list('a list of program names', isText),
    TOOLS,
    'Main scripts, by file name without extension, in which nothing is started when NODE_OPTIONS carries the preload there. An --import or --require flag on the command line overrides it.',
    `${TOOLS.slice(0, 4).join(', ')} and ${TOOLS.length - 4} more build tools`,
  ),
  context: option(
    oneOf('auto', 'on', 'off'),
    'auto',
    "Whether blocks are attributed to requests. 'on' follows a request through its promises with AsyncLocalStorage. 'auto' does so from Node 24 on, where that is cheap, and before it sees a request in its handler and the callbacks started there.",
  ),
  mode: option(
    oneOf('log', 'warn', 'strict'),
    'log',
    "What is learnt of blocks besides the log: nothing more ('log'), a box on the console and headers on answers ('warn'), or those and a 503 instead of the answer to a request that has blocked the loop ('strict', for development and tests).",
  ),
  banner: option(
    boolean,
    false,
    "With mode 'warn': puts a note into the corner of HTML pages whose request has blocked the loop (node:http).",
  ),
  serverTiming: option<boolean | null>(
    boolean,
    null,
    'Whether answers carry Server-Timing: how long their request has blocked the loop, and how long a proxy had it wait.',
    "true unless mode is 'log'",
  ),
  queueHeader: option(
    headerName,
    'x-request-start',
    'The request header in which a proxy says when it took the request: seconds, ms or µs since 1970, also as t=.',
  ),
  excludePaths: option(
    list('a list of paths that begin with /', isPath),
    ['/health', '/healthz', '/livez', '/ready', '/readyz', '/metrics'],
    'Paths whose answers are left as they are.',
    '/health, /healthz, /livez, /ready, /readyz, /metrics',
  ),
  log: option(
    text("'stderr', 'off', or a file path"),
    'stderr',
    "Where log lines go: 'stderr', 'off', or a file that is appended to.",
  ),
  logLevel: option(
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'warn',
    'The lowest level that is logged. A block is a warning, a hang an error, a start-up block info, a late beat that was no block debug.',
  ),
  logFormat: option(
    oneOf('auto', 'json', 'pretty'),
    'auto',
    "'json' for one pino line a report, 'pretty' for people, 'auto' for pretty when stderr is a terminal.",
  ),
  logTransport: option(
    logTransport,
    [],
    'Pino transports that get the log lines instead of log, on threads of their own; log then gets what a transport fails to take.',
    'none',
  ),
  logger: {
    rule: programLogger,
    fallback: null,
    fallbackSays: 'none',
    codeOnly: true,
    says: 'A logger of the program (pino, or one that takes fields and text like it) that writes the reports on the main thread once its loop turns again; logTransport or else log gets what it does not.',
  } as Option<ProgramLogger | null>,
  sourceMaps: option(
    boolean,
    true,
    'Whether reports name the source code that a bundler or compiler made the program from, where it has source maps.',
  ),
  journalDir: option(
    text('a directory path'),
    '',
    'Where reports are kept until every sink has taken them. One folder, mode 0700, at most 1000 records or 64 MiB, oldest dropped first.',
    'loopwatch-UID in the temp folder of the system',
  ),
  sentry: option(
    oneOf('auto', 'off'),
    'auto',
    "'auto' sends an event for each block: through the program's own Sentry client (SDK 8 to 11) when it has one and its loop turns again, else to that client's DSN or to SENTRY_DSN directly; 'off' never does.",
  ),
  maxReportsPerCulprit: option(
    number(1, 1_000_000_000, 'reports'),
    10,
    'How many reports of the same culprit are made in an hour. Further ones are held back, counted, and summed into the next one as suppressed; listeners and channels get all of them.',
  ),
  exitFlushMs: option(
    number(0, 60_000, 'ms'),
    2000,
    'How long an exit may wait for reports that are still on their way. 0 turns it off; the journal keeps what was not sent.',
  ),
  handleSigterm: option(
    boolean,
    false,
    'Whether a SIGTERM that the program does not handle itself waits for reports that are on their way, for at most exitFlushMs, before it ends the process. A process that is blocked then only dies when its loop turns again.',
  ),
  serve: option(
    address,
    OFF,
    'Where the status server listens: /livez, /readyz, /metrics and /blocks, answered also while the event loop is blocked. A port alone is one of 127.0.0.1, port 0 any free one; an address that other machines can reach needs a serveToken.',
  ),
  serveToken: {
    ...option(
      token,
      '',
      'What requests to the status server must send as Authorization: Bearer. Without one it makes no captures.',
      'none',
    ),
    secret: true,
  },
  deadClients: option(
    oneOf('off', 'report', 'reset'),
    'off',
    "Whether connections whose clients do not read any more are looked for, by @loopwatch/dead-client, which must be installed: 'report' says so, 'reset' frees them.",
  ),
  deadClientGraceMs: option(
    number(1, 86_400_000, 'ms'),
    30_000,
    'How long a client may take nothing of what is sent to it before deadClients counts it as dead. Slow readers read in lumps: less than 30 s takes some of them for dead.',
  ),
  profiler: option(
    oneOf('auto', 'on', 'off'),
    'auto',
    "When @loopwatch/profiler, if it is installed, records CPU profiles, which tell the line of native calls and go with each report: 'on' from the start, 'auto' from the first block whose line is not known until a minute has passed without one, 'off' never. A program may start its recorder itself.",
  ),
  redact: option(
    list('a list of strings or regular expressions', isPattern),
    [],
    "What is replaced by '[redacted]' in request paths. Query strings are always dropped; bodies are never read, nor headers but X-Request-Id, Accept, TE and queueHeader.",
    'query strings dropped',
  ),
} satisfies Record<string, Option<never> | Option<unknown>>;

type Schema = typeof SCHEMA_OF_OPTIONS;
type Value<O> = O extends Option<infer T> ? T : never;

/** The name of an option. */
export type OptionName = keyof Schema;

/** All options, checked and with their defaults filled in. */
export type Chosen = { readonly [K in OptionName]: Value<Schema[K]> };

/** Those that every thread may know. */
export type Settings = Omit<Chosen, 'logger'>;

type Loose<T> = boolean | Partial<Exclude<T, false>>;

/** What users may pass to `start`: any of the options. */
export type Options = Partial<
  Omit<Settings, 'adaptive' | 'cumulative' | 'logTransport' | 'serve' | 'serverTiming'>
> & {
  readonly adaptive?: Loose<Settings['adaptive']> | undefined;
  readonly cumulative?: Loose<Settings['cumulative']> | undefined;
  readonly logTransport?: LogTransport | undefined;
  readonly logger?: ProgramLogger | undefined;
  readonly serverTiming?: boolean | undefined;
  /** A number is a port. */
  readonly serve?: string | number | undefined;
};
