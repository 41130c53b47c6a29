// The block program, watched through a call: `node start-in-code.mjs [{ options }] name=value ...`
import './lib/start-from-argument.mjs';
import './block.mjs';
