/** The reporter thread: everything about a report that may take its time. */
import { parentPort, workerData } from 'node:worker_threads';
import { memory, SYMBOLICATION_AT } from '../shared/memory/memory.js';
import { SYMBOLICATION_FAILURES } from '../shared/memory/symbolication-failures.js';
import type {
  ReporterAnswer,
  ReporterData,
  ReporterOrder,
  Setup,
} from '../shared/messages/messages.js';
import { notice } from '../shared/notice.js';
import { Deliverer } from './deliver.js';
import { loadSink } from './load-sink.js';
import { ProgramStatus } from './status/status.js';
import { MemoryMaps } from './symbolicate/memory-maps.js';
import { MapPool } from './symbolicate/pool.js';
import { Readables } from './symbolicate/readables.js';

const data = workerData as ReporterData;
const main = memory(data.memory);
let { forked } = data.setup;

function answer(what: ReporterAnswer): void {
  parentPort?.postMessage(what);
}

const pool = new MapPool(new URL('./symbolicate/worker.js', import.meta.url));
const maps = new MemoryMaps((file) => answer({ type: 'map-wanted', file }));
const readables = new Readables(data.setup.settings, {
  ask: (question) => pool.ask(question),
  mapInMemory: (file) => maps.get(file),
  failed: (why) => {
    Atomics.add(main.words, SYMBOLICATION_AT + SYMBOLICATION_FAILURES.indexOf(why), 1);
  },
});

const deliverer = new Deliverer(data.setup, {
  memory: main,
  load: (name) => loadSink(name, new URL('../sinks/', import.meta.url), notice),
  acknowledge: answer,
  complain: notice,
  read: (record, use) => readables.read(record, use),
});
// Before the first order is taken: an exit may follow it.
await deliverer.load(data.sinks);

const status = new ProgramStatus(main, answer, {
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
  readables.configure(setup.settings);
}

function take(order: ReporterOrder): void {
  switch (order.type) {
    case 'deliver':
      deliverer.deliver(order.delivery);
      break;
    case 'unconfirmed':
      deliverer.unconfirmed(order.event);
      answer({ type: 'shown' });
      break;
    case 'warn':
      // In its order: the log may show the box of the same record.
      readables.read(order.record, (readable) => {
        deliverer.warn(readable);
        answer({ type: 'shown' });
      });
      break;
    case 'symbolicate':
      readables.read(order.record, ({ record, code }) => {
        answer({ type: 'symbolicated', record, code });
      });
      break;
    case 'map':
      maps.put(order.file, order.map);
      break;
    case 'capture':
      status.hear(order);
      break;
    case 'finish':
      readables.finish();
      deliverer.finish();
      break;
    case 'found':
      status.take(order.finding);
      if (order.finding.type === 'block') {
        readables.read(order.finding.record, ({ record }) => status.improve(record));
      }
      if (order.finding.type === 'turn') {
        readables.read(order.finding.record, ({ record }) => status.improveTurn(record));
      }
      break;
    default:
      deliverer.configure(order.setup, order.sinks);
      configure(order.setup);
  }
}

parentPort?.on('message', take);

configure(data.setup);
