/**
 * The house, as data: its halls, the rooms in each, and who may import whom. A hall of loopwatch is
 * a thread, or a side of the product; its rooms are the stages of the data's way. Packages that are
 * loaded lazily, or not wanted everywhere, have one place that may name them.
 */

/** What a folder holds beyond these is no longer seen at a glance. */
export const mostFiles = 14;

const src = 'packages/loopwatch/src';

/** The files directly in src, which are the package's entries, are a hall of this name. */
const entries = 'entries';

/**
 * @typedef {object} Hall
 * @property {string} name
 * @property {string[]} imports names of the halls that it may import besides itself
 * @property {boolean} bare it may import no packages but Node.js's own
 * @property {string[]} rooms its folders from the bottom to the top, `.` for the files that lie in no
 *   room, `ROOM/*` for each folder in a room, which knows nothing of the others there; each may import
 *   those before it
 */

/** @type {Record<string, Hall>} by their folders */
export const halls = {
  [`${src}/shared`]: {
    name: 'shared',
    imports: [],
    bare: true,
    rooms: [
      '.',
      'memory',
      'record',
      'metrics',
      'options',
      'sources',
      'advice',
      'text',
      'sentry',
      'sinks',
      'journal',
      'messages',
      'export',
      'pictures',
    ],
  },
  [`${src}/main`]: {
    name: 'main',
    imports: ['shared'],
    bare: true,
    rooms: ['host', 'beat', 'partners', 'sentry', 'stack', 'requests', 'answers', '.'],
  },
  [`${src}/watchdog`]: {
    name: 'watchdog',
    imports: ['shared'],
    bare: true,
    rooms: [
      'detect',
      'evidence/kernel',
      'evidence/sampling',
      'evidence',
      'verdict',
      'cumulative',
      'delivery',
      '.',
    ],
  },
  [`${src}/reporter`]: {
    name: 'reporter',
    imports: ['shared'],
    bare: false,
    rooms: ['symbolicate/map', 'symbolicate', 'console', 'sinks', 'sinks/*', 'status', '.'],
  },
  [`${src}/http`]: {
    name: 'http',
    imports: ['main', 'shared', entries],
    bare: false,
    rooms: ['pages', '.'],
  },
  [`${src}/testing`]: {
    name: 'testing',
    imports: ['main', 'shared', entries],
    bare: false,
    rooms: ['server', 'verdict', 'report', '.'],
  },
  [`${src}/exporters`]: {
    name: 'exporters',
    imports: ['main', 'shared'],
    bare: false,
    rooms: ['.'],
  },
  [`${src}/cli`]: {
    name: 'cli',
    imports: ['main', 'shared', 'testing'],
    bare: false,
    rooms: [
      'terminal',
      'target',
      'stack',
      'doctor',
      'attach',
      'captures',
      'report',
      'run',
      'commands',
      '.',
    ],
  },
  [src]: { name: entries, imports: ['main', 'shared', 'http'], bare: true, rooms: ['.'] },
  'packages/profiler/src': {
    name: 'profiler',
    imports: [],
    bare: false,
    rooms: ['options', 'profile', 'inspector', 'storage', '.'],
  },
  'packages/dead-client/src': {
    name: 'dead-client',
    imports: [],
    bare: false,
    rooms: ['sockets', 'verdict', 'options', 'backends', '.'],
  },
};

/** The one place that loads what the program has installed: it can't be named by us. */
export const loadsComputed = `${src}/main/partners/optional-package`;

/** Packages that one place alone may name; the place is a file without its ending, or a folder. */
export const reserved = [
  { name: /^@jridgewell\//, place: `${src}/reporter/symbolicate` },
  { name: /^piscina$/, place: `${src}/reporter/symbolicate` },
  { name: /^@sentry\//, place: `${src}/reporter/sinks/sentry` },
  { name: /^(https-proxy-agent|proxy-from-env)$/, place: `${src}/reporter/sinks/sentry/post` },
  { name: /^pino$/, place: `${src}/reporter/sinks/log` },
  { name: /^(commander|ws)$/, place: `${src}/cli` },
  { name: /^(preact|d3-.*)$/, place: 'packages/loopwatch/page' },
  { name: /^prom-client$/, place: `${src}/exporters/prometheus` },
  { name: /^@opentelemetry\//, place: `${src}/exporters/opentelemetry` },
  { name: /^inspector-api$/, place: 'packages/profiler/src' },
  { name: /^koffi$/, place: 'packages/dead-client/src' },
];
