const { allowBlocking, measure, noBlocking } = require('loopwatch/mocha');

/* global before, it */
const { define } = require('./server-cases.cjs');

define({ test: it, beforeAll: before, measure, allowBlocking, noBlocking });
