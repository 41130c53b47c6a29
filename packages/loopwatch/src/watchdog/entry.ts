/** The watchdog thread. Node builtins and shared/ only: nothing here may take long to load. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Order, WatchdogData } from '../shared/messages/messages.js';
import { Watchdog } from './watchdog.js';

const watchdog = new Watchdog(workerData as WatchdogData);

parentPort?.on('message', (order: Order) => {
  if (order.type === 'configure') watchdog.configure(order.setup);
  else if (order.type === 'client') watchdog.useClient(order.sink, order.target);
  else if (order.type === 'dead-client') watchdog.reportDeadClient(order);
  else if (order.type === 'recording') watchdog.useProfiles(order.recording);
  else if (order.type === 'sliced') watchdog.giveSlice(order);
  else if (order.type === 'map') watchdog.giveMap(order);
  else if (order.type === 'capture') watchdog.giveCapture(order);
  else if (order.type === 'requests' || order.type === 'clients') watchdog.passOn(order);
  else void watchdog.stop();
});
