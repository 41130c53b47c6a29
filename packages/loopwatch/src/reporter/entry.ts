/** The reporter thread: everything about a report that may take its time. */
import { parentPort, workerData } from 'node:worker_threads';
import { memory } from '../shared/memory.js';
import type { ReporterAnswer, ReporterData, ReporterOrder, Setup } from '../shared/messages.js';
import { notice } from '../shared/notice.js';
import { Deliverer } from './deliver.js';
import { ProgramStatus } from './status/status.js';

const data = workerData as ReporterData;
const main = memory(data.memory);
let { forked } = data.setup;

function answer(what: ReporterAnswer): void {
  parentPort?.postMessage(what);
}

const deliverer = new Deliverer(data.setup, main, answer, notice);

const status = new ProgramStatus(main, {
  listening: (url) => deliverer.note('info', `the status server listens on ${url}`),
  failed(why, isTaken) {
    const text = `the status server can't listen: ${why}`;
    // A process that shares its options with its siblings: one of them has the port, as it should.
    if (forked && isTaken) deliverer.note('debug', text);
    else notice(text);
  },
});

function configure(setup: Setup): void {
  forked = setup.forked;
  status.configure(setup);
}

parentPort?.on('message', (order: ReporterOrder) => {
  if (order.type === 'deliver') deliverer.deliver(order.delivery);
  else if (order.type === 'unconfirmed' || order.type === 'warn') {
    if (order.type === 'warn') deliverer.warn(order.record);
    else deliverer.unconfirmed(order.event);
    answer({ type: 'told' });
  } else if (order.type === 'dead-client') {
    deliverer.deadClient(order.client);
    answer({ type: 'told' });
  } else if (order.type === 'finish') deliverer.finish();
  else if (order.type === 'found') status.take(order.finding);
  else {
    deliverer.configure(order.setup);
    configure(order.setup);
  }
});

configure(data.setup);
