// A thread that stays, and does nothing.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', () => {});
