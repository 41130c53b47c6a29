/**
 * Starts a watched program at the lowest priority, `node starving.mjs <arguments of node>`, and when it
 * says `ready` takes the CPUs away from it for 1.5 s. Ends with the program's exit code.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const HOGS = 2 * availableParallelism();
const SECONDS = 1.5;

// Through nice, and not from inside: threads that run already would keep their priority.
const watched = spawn('nice', ['-n', '19', process.execPath, ...process.argv.slice(2)], {
  stdio: ['inherit', 'pipe', 'inherit'],
});
watched.stdout.setEncoding('utf8').on('data', (text) => {
  process.stdout.write(text);
  if (!/^ready$/m.test(text)) return;
  for (let left = HOGS; left > 0; left--) {
    spawn('timeout', [String(SECONDS), 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' });
  }
});
watched.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
