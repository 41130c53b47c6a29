import { before, test } from 'node:test';
import { allowBlocking, measure, noBlocking } from 'loopwatch/node-test';
import { define } from './server-cases.cjs';

define({ test, beforeAll: before, measure, allowBlocking, noBlocking });
