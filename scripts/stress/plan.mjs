/**
 * What each process of a stress run does: drawn from a seed, so that a failure can be repeated. The
 * ranges are chosen so that the end of the process falls before, inside and after the captures that
 * the watchdog makes of it.
 */

/** A low threshold and dense samples make captures fill most of each block. */
export const watching = {
  LOOPWATCH_THRESHOLD_MS: '40',
  LOOPWATCH_SAMPLE_MS: '2',
};

/** From well under the threshold to a dozen captures over it. */
const blockMs = { least: 20, most: 110 };

/** From before the watchdog's thread is up to after its first beats. */
const delayMs = { least: 1, most: 120 };

const kinds = ['busy', 'regex', 'wait', 'ticks', 'microtasks'];
const endings = ['exit', 'throw', 'reject', 'natural', 'sigterm'];

/** How the preload comes in, and what Node's own output has to be compared with. */
export const forms = {
  import: {
    flags: ['--import', 'loopwatch/register'],
    plain: ['--import', 'data:text/javascript,'],
  },
  require: { flags: ['--require', 'loopwatch/register'], plain: [] },
};

/**
 * One process: settings of the block program, the preload's form, how long its exit may wait for
 * reports.
 *
 * @typedef {object} Trial
 * @property {number} index
 * @property {Record<string, string | number>} settings
 * @property {keyof typeof forms} form
 * @property {number} exitFlushMs 0 lets the process end while captures and reports are under way
 */

/** Mulberry32 (Tommy Ettinger, public domain): small, and good enough to pick from lists. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The trial of an index, the same for the same seed whatever was drawn before it.
 *
 * @param {number} seed
 * @param {number} index
 * @returns {Trial}
 */
export function trialOf(seed, index) {
  const random = generator(Math.imul(seed, 0x9e3779b1) + index);
  const between = ({ least, most }) => least + Math.floor(random() * (most - least + 1));
  const one = (list) => list[Math.floor(random() * list.length)];
  const end = one(endings);
  const times = one([1, 1, 2]);
  return {
    index,
    form: one(Object.keys(forms)),
    exitFlushMs: one([0, 2000]),
    settings: {
      kind: one(kinds),
      ms: between(blockMs),
      delay: between(delayMs),
      ...(times > 1 ? { times, gap: between({ least: 0, most: 60 }) } : {}),
      end,
      ...(end === 'exit' ? { code: between({ least: 0, most: 99 }) } : {}),
    },
  };
}
