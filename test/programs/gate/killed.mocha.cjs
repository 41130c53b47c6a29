/* global it */
require('./killed.cjs').define(it);
