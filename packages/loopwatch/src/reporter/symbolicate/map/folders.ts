/** Which files a source map may lead to: those of the program, whatever the map says. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';

/** Whether a path is a folder's own, or one of what is in it. Both absolute. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

/** The same for what is on the disk: a link in the folder must not lead out of it. */
export function isReallyInside(folder: string, path: string): boolean {
  try {
    return isInside(realpathSync(folder), realpathSync(path));
  } catch {
    return false;
  }
}

/** The root of a file system is nobody's project: everything would be inside. */
function isRoot(folder: string): boolean {
  return dirname(folder) === folder;
}

function upwards(folder: string): string[] {
  return isRoot(folder) ? [] : [folder, ...upwards(dirname(folder))];
}

/** The folder of the package that a file belongs to; its own folder where there is no package. */
export function packageFolder(file: string): string {
  const own = dirname(file);
  return upwards(own).find((folder) => existsSync(join(folder, 'package.json'))) ?? own;
}

function hasWorkspaces(folder: string): boolean {
  try {
    return readFileSync(join(folder, 'package.json'), 'utf8').includes('"workspaces"');
  } catch {
    return false;
  }
}

/** The folder of the workspace around a folder: packages of one are built from each other's sources. */
function workspaceFolder(folder: string): string | undefined {
  return upwards(folder).find((parent) => {
    const ofRoots = ['.git', 'pnpm-workspace.yaml'];
    return ofRoots.some((name) => existsSync(join(parent, name))) || hasWorkspaces(parent);
  });
}

/**
 * The folders of a program: where it was started, and the package and workspace of a script.
 *
 * @param script an absolute path
 */
export function projectFolders(script: string): string[] {
  const own = packageFolder(script);
  const all = [own, workspaceFolder(own), process.cwd()];
  return [...new Set(all.filter((folder) => folder !== undefined && !isRoot(folder)))] as string[];
}
