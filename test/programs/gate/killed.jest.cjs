/* global test */
require('./killed.cjs').define(test);
