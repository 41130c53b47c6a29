/** A proxy that passes connections on by CONNECT, and remembers for whom. */
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Scope } from './folder.js';

export interface Proxy {
  readonly url: string;
  /** `HOST:PORT` of each connection, in order. */
  readonly goals: readonly string[];
}

export async function proxy(scope: Scope): Promise<Proxy> {
  const goals: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => {
    response.writeHead(405).end();
  });
  server.on('connect', ({ url = '' }, socket: Socket) => {
    goals.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const onward = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('error', () => {
        socket.destroy();
        onward.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, goals };
}
