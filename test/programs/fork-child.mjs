// Forks itself; parent and child talk, and each leaves with a code of its own.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

if (process.send === undefined) {
  const child = fork(fileURLToPath(import.meta.url));
  child.on('message', (message) => {
    console.log(message);
    child.send('leave');
  });
  child.on('exit', (code) => {
    console.log(`child left with ${code}`);
    process.exitCode = 5;
  });
} else {
  process.on('message', () => process.exit(6));
  process.send('child works');
}
