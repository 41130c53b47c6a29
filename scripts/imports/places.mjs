/** Where a file of the house is, and which file an import names. */
import { posix } from 'node:path';
import { halls } from './rooms.mjs';

/**
 * The room of a file.
 *
 * @param {string} path relative to the checkout, with `/`
 * @returns {{ hall: import('./rooms.mjs').Hall, name: string, height: number } | undefined} `height`
 *   is the room's in its hall, and -1 where the rule doesn't know it; nothing for a file of no hall
 */
export function placeOf(path) {
  const folder = posix.dirname(path);
  const hallFolder = hallFolderOf(folder);
  if (hallFolder === undefined) return undefined;
  const hall = halls[hallFolder];
  const room = posix.relative(hallFolder, folder);
  if (room === '') return { hall, name: hall.name, height: hall.rooms.indexOf('.') };
  const height = Math.max(
    hall.rooms.indexOf(room),
    hall.rooms.indexOf(posix.join(posix.dirname(room), '*')),
  );
  return { hall, name: `${hall.name}/${room}`, height };
}

function hallFolderOf(folder) {
  if (folder === '.') return undefined;
  return folder in halls ? folder : hallFolderOf(posix.dirname(folder));
}

/** The file that a relative specifier, or one of the package's own `#src/`, names. */
export function targetOf(path, name) {
  const target = name.startsWith('#src/')
    ? `${sourceFolderOf(path)}/${name.slice('#src/'.length)}`
    : posix.join(posix.dirname(path), name);
  return target.replace(/\.([cm]?)js$/, '.$1ts');
}

/** `packages/NAME/src`. */
export function sourceFolderOf(path) {
  return path.split('/').slice(0, 3).join('/');
}

/** Whether a file is a place (a file without its ending), or in it (a folder). */
export function isAt(path, place) {
  return path.startsWith(`${place}/`) || path.startsWith(`${place}.`);
}
