/**
 * A closed loop of HTTP requests over a few connections: each sends its next request when it has
 * the answer to the last. Written on sockets, since the client must not be what limits the server.
 */
import { connect } from 'node:net';
import { ToolError } from '../lib/program.mjs';

/**
 * Sends a number of GET requests, and resolves when all are answered with 200.
 *
 * @param {object} load
 * @param {number} load.port on loopback
 * @param {string} load.path
 * @param {number} load.requests
 * @param {number} load.connections
 */
export async function sendLoad({ port, path, requests, connections }) {
  let left = requests;
  const next = () => left-- > 0;
  await Promise.all(Array.from({ length: connections }, () => converse(port, path, next)));
}

/** Uses one connection until `next` says that there is no more to send. */
function converse(port, path, next) {
  const question = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const ask = () => (next() ? socket.write(question) : socket.end());
    let answer = '';
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('connect', ask);
    socket.on('data', (chunk) => {
      answer += chunk;
      if (!isComplete(answer)) return;
      if (answer.startsWith('HTTP/1.1 200 ')) {
        answer = '';
        ask();
      } else {
        socket.destroy(new ToolError(`the server answered ${answer.split('\r\n', 1)[0]}`));
      }
    });
    socket.on('error', reject);
    socket.on('close', resolve);
  });
}

/**
 * @param {string} answer as far as it has come, one character a byte
 * @returns {boolean} whether it has all the bytes that its header promises
 */
export function isComplete(answer) {
  const end = answer.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(answer) ?? [];
  return answer.length >= end + 4 + Number(length ?? 0);
}
