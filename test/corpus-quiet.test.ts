/**
 * The scenarios of the corpus that use all CPUs, or take them away: others would disturb them, and they others.
 *
 * @machine quiet
 */
import { testCorpus } from './harness/corpus-tests.js';

testCorpus('quiet');
