/** What a picture must not show: where, by whom and on which machine it was made. */
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { root } from '../lib/paths.mjs';

/** Names that many machines have tell of none. */
const common = new Set(['', '/', 'localhost']);

function thisMachine() {
  return {
    'the path of the checkout': root,
    'the home folder': homedir(),
    'the folder for temporary files': tmpdir(),
    'the name of the user': userInfo().username,
    'the name of the host': hostname(),
  };
}

/**
 * @param {string} text what is seen
 * @param {Record<string, string>} machine
 * @returns {string[]} what it tells of the machine, each with the line that does
 */
export function tracesIn(text, machine = thisMachine()) {
  return Object.entries(machine).flatMap(([what, trace]) => {
    if (common.has(trace)) return [];
    const line = text.split('\n').find((one) => isNamed(one, trace));
    return line === undefined ? [] : [`${what}: ${line.trim()}`];
  });
}

/** Whether a name or a path stands in a line by itself, and is no part of a longer one. */
function isNamed(line, trace) {
  const rest = line.toLowerCase().split(trace.toLowerCase());
  return rest.slice(1).some((after, at) => {
    return !/[\w.-]$/.test(rest[at]) && !/^[\w-]/.test(after);
  });
}
