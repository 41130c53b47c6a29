import { createRequire } from 'node:module';
import { test } from 'vitest';

createRequire(import.meta.url)('./killed.cjs').define(test);
