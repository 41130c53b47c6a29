import { relative, sep } from 'node:path';
import { root } from '../lib/paths.mjs';

/**
 * @param {string} file absolute path
 * @returns {string} as seen from the checkout, with slashes; unchanged outside of it
 */
export function shortPath(file) {
  const path = relative(root, file);
  return path.startsWith('..') ? file : path.replaceAll(sep, '/');
}
