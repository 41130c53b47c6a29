import { createRequire } from 'node:module';
import { allowBlocking, measure, noBlocking } from 'loopwatch/vitest';
import { beforeAll, test } from 'vitest';

const { define } = createRequire(import.meta.url)('./server-cases.cjs');
define({ test, beforeAll, measure, allowBlocking, noBlocking });
