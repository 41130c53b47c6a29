// Worker threads: one that ends, one that throws, one that exits with a code, one that is terminated.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const file = new URL(import.meta.url);

async function follow(does) {
  const worker = new Worker(file, { workerData: does });
  worker.on('error', ({ message }) => console.log(`${does}: ${message}`));
  if (does === 'waits') {
    await once(worker, 'message');
    return `${does}: ${await worker.terminate()}`;
  }
  const code = await new Promise((resolve) => worker.on('exit', resolve));
  return `${does}: ${code}`;
}

if (isMainThread) {
  for (const does of ['ends', 'throws', 'exits', 'waits']) console.log(await follow(does));
} else {
  if (workerData === 'throws') throw new Error('thrown in a worker');
  if (workerData === 'exits') process.exit(7);
  if (workerData === 'waits') {
    parentPort.on('message', () => {});
    parentPort.postMessage('here');
  }
}
