/** The shop in a folder as a server has it: reports tell the paths of what they blame. */
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { ToolError } from '../lib/program.mjs';

const folder = '/srv/shop';

/**
 * @param {(folder: string) => Promise<T>} use
 * @returns {Promise<T>}
 * @throws ToolError where such a folder is already, or may not be made
 * @template T
 */
export async function withShopFolder(use) {
  try {
    mkdirSync(folder);
  } catch (error) {
    throw new ToolError(`the shop can't be put where its pictures say it is: ${error.message}`);
  }
  try {
    cpSync(join(root, 'scripts', 'demo', 'shop'), folder, { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
