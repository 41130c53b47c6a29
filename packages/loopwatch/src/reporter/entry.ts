/** The reporter thread: everything about a report that may take its time. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Acknowledgement, ReporterData, ReporterOrder } from '../shared/messages.js';
import { notice } from '../shared/notice.js';
import { Deliverer } from './deliver.js';

const { setup } = workerData as ReporterData;

const deliverer = new Deliverer(
  setup,
  (done) => parentPort?.postMessage(done satisfies Acknowledgement),
  notice,
);

parentPort?.on('message', (order: ReporterOrder) => {
  if (order.type === 'deliver') deliverer.deliver(order.delivery);
  else if (order.type === 'unconfirmed') deliverer.unconfirmed(order.event);
  else if (order.type === 'finish') deliverer.finish();
  else deliverer.configure(order.setup);
});
