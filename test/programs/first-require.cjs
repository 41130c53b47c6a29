// The block program, watched through a require instead of a flag.
require('loopwatch/register');
import('./block.mjs');
