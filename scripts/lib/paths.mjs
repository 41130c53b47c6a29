/**
 * Where things are in the checkout. Every script takes its paths from here, so that none of them
 * depends on the directory it was started from.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** Git-ignored folder for what the scripts fetch and make. */
export const cache = join(root, '.cache');
