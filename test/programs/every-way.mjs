// The block program, watched through an import, a require and a call.
import 'loopwatch/register';
import { createRequire } from 'node:module';
import { start } from 'loopwatch';

createRequire(import.meta.url)('loopwatch/register');
start();
await import('./block.mjs');
