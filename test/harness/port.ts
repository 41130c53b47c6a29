/** Ports for programs that must be told one. */
import { type AddressInfo, createServer } from 'node:net';
import type { Scope } from './folder.js';

/** A port of 127.0.0.1 that is held until it is let go, or the test ends. */
export async function heldPort(scope: Scope): Promise<{ port: number; free(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const free = () => new Promise<void>((resolve) => server.close(() => resolve()));
  scope.after(free);
  return { port: (server.address() as AddressInfo).port, free };
}

/** A port that nobody has at the moment. */
export async function freePort(scope: Scope): Promise<number> {
  const { port, free } = await heldPort(scope);
  await free();
  return port;
}
