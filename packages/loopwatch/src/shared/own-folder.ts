/** Where this package is, whatever it is linked to. */
import { fileURLToPath } from 'node:url';

/**
 * The folder above this file, and above each bundle that it is part of: all of these are one or no
 * folder deep.
 */
export const OWN_FOLDER = fileURLToPath(new URL('..', import.meta.url));
