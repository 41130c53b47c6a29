/** Whether the program that the preload finds itself in is one to leave alone. */
import { basename, extname } from 'node:path';
import { settingsFrom } from '../../shared/options/options.js';

/** The parts of `process` that tell. */
interface Program {
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

const PRELOAD_FLAG = /^(?:--import|--require|-r)(?:=|$)/;
const REGISTER = /loopwatch[\\/](?:.*[\\/])?register/;

/** True when the command line itself, rather than NODE_OPTIONS, asks for loopwatch. */
function isAskedFor(execArgv: readonly string[]): boolean {
  return execArgv.some((flag, index) => {
    if (!PRELOAD_FLAG.test(flag)) return false;
    const value = flag.includes('=') ? flag : (execArgv[index + 1] ?? '');
    return REGISTER.test(value);
  });
}

/** `npm-cli.js` is npm, as is `/usr/local/bin/npm`. */
function programName(script: string): string {
  return basename(script, extname(script)).replace(/-cli$/, '');
}

/**
 * True for npm, tsc and the like when NODE_OPTIONS carried the preload into them.
 *
 * @throws LoopwatchError `LOOPWATCH_E_OPTION`
 */
export function isIgnored({ argv, execArgv, env }: Program): boolean {
  const script = argv[1];
  if (script === undefined || isAskedFor(execArgv)) return false;
  const { ignorePrograms } = settingsFrom({}, env);
  return ignorePrograms.includes(programName(script));
}
