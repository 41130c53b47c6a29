/**
 * The scenarios of the corpus that compute, and vary what corpus.test.ts or kinds.test.ts shows.
 *
 * @machine quiet
 * @run releases
 */
import { testCorpus } from './harness/corpus-tests.js';

testCorpus('variant');
