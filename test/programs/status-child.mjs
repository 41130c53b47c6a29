// Forks itself once its own status server answers; both stay until standard input ends.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const url = `http://127.0.0.1:${process.env.LOOPWATCH_SERVE}/livez`;

async function isUp() {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

if (process.send === undefined) {
  while (!(await isUp()));
  const child = fork(fileURLToPath(import.meta.url));
  process.stdin.resume().on('end', () => child.disconnect());
} else {
  process.on('message', () => {});
}
