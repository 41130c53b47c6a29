/**
 * The corpus, each scenario once: what loopwatch says about it is the truth, or honestly labelled. Here
 * those that compute, one of each kind that test/kinds.test.ts has not; the others are in corpus-*.test.ts.
 *
 * @machine quiet
 */
import { testCorpus } from './harness/corpus-tests.js';

testCorpus('computing');
