// The block program, watched through an import instead of a flag.
import 'loopwatch/register';
import './block.mjs';
