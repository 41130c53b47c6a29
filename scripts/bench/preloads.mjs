/** What a program is started with: nothing, loopwatch, or something to compare loopwatch with. */

/** Command line flags by the name of the variant. */
export const preloads = {
  nothing: [],
  'an empty module': ['--import', './empty.mjs'],
  'a bare worker': ['--import', './bare-worker.mjs'],
  loopwatch: ['--import', 'loopwatch/register'],
};
