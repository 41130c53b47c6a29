/** Product pictures, made by a program of their own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const painter = fileURLToPath(new URL('./painter.mjs', import.meta.url));

/** @param {{ name: string }} product */
export function renderThumbnail({ name }) {
  // demo: blocks here
  return execFileSync(process.execPath, [painter, name], { encoding: 'utf8' });
}
