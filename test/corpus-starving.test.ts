/**
 * The scenario of the corpus that takes all CPUs away from a program: it would do so to other tests, too.
 *
 * @machine quiet
 */
import { testCorpus } from './harness/corpus-tests.js';

testCorpus('starving');
