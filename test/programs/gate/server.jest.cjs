const { allowBlocking, measure, noBlocking } = require('loopwatch/jest');

/* global beforeAll, test */
const { define } = require('./server-cases.cjs');

// What is installed elsewhere Jest would load in another way.
define({ test, beforeAll, measure, allowBlocking, noBlocking, only: ['fetch', 'http'] });
