// A cluster of two workers that each answer once and leave with a code of their own.
import cluster from 'node:cluster';

if (cluster.isPrimary) {
  const said = [];
  for (const id of [1, 2]) {
    const worker = cluster.fork({ WORKER_ID: String(id) });
    worker.on('message', (message) => said.push(message));
    worker.on('exit', (code, signal) => {
      said.push(`${id} left with ${signal ?? code}`);
      if (said.length === 4) console.log(said.sort().join('\n'));
    });
  }
} else {
  const id = Number(process.env.WORKER_ID);
  process.send(`${id} works`, () => process.exit(id));
}
