/**
 * What every script needs to be a program: whether it is the program or was imported, its exit
 * code, and how an error reaches the person who ran it. An expected failure (`ToolError`, a wrong
 * option) is shown as its message; anything else is a bug of ours and keeps its stack.
 */
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A failure whose message says all there is to say. */
export class ToolError extends Error {
  name = 'ToolError';
}

/**
 * Runs `body` with the command line's arguments if the module is the program, and nothing if it was
 * imported. A number that `body` returns becomes the exit code.
 *
 * @param {ImportMeta} meta the module's own `import.meta`
 * @param {(args: string[]) => Promise<number | void> | number | void} body
 */
export async function program(meta, body) {
  if (!isMain(meta)) return;
  try {
    process.exitCode = (await body(process.argv.slice(2))) ?? 0;
  } catch (error) {
    const expected = error instanceof ToolError || error?.code?.startsWith('ERR_PARSE_ARGS_');
    console.error(expected ? error.message : error);
    process.exitCode = 1;
  }
}

/** `import.meta.main` needs Node.js 24. */
function isMain(meta) {
  // With `node -e code word` the "program" is a word of the user's, not a file.
  const file = process.argv[1] ?? '';
  return existsSync(file) && realpathSync(file) === fileURLToPath(meta.url);
}
