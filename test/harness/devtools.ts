/** A debugger, as far as the tests need one: it attaches to a port of Node's inspector and pauses. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

interface Message {
  readonly id?: number;
  readonly method?: string;
}

/** Attaches, pauses the program in its next statement for `ms`, lets it go on, and detaches. */
export async function pauseFor(url: string, ms: number): Promise<void> {
  // Node 20 has no WebSocket of its own.
  const socket = new WebSocket(url);
  const waiting = new Map<number | string, () => void>();
  socket.on('message', (data: Buffer) => {
    const { id, method } = JSON.parse(data.toString()) as Message;
    waiting.get(id ?? method ?? '')?.();
  });
  let lastId = 0;
  const post = (method: string) => {
    const id = ++lastId;
    socket.send(JSON.stringify({ id, method }));
    return new Promise<void>((resolve) => waiting.set(id, resolve));
  };
  const event = (method: string) => new Promise<void>((resolve) => waiting.set(method, resolve));
  await once(socket, 'open');
  await post('Debugger.enable');
  const paused = event('Debugger.paused');
  await post('Debugger.pause');
  await paused;
  await sleep(ms);
  await post('Debugger.resume');
  await post('Debugger.disable');
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}
