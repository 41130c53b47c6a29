/** Requests that block in ways that are hard to tell, and `port N`; until standard input ends. */
import { execSync } from 'node:child_process';
import { createServer } from 'node:http';

function busy(ms) {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

const answers = {
  '/': () => {},
  '/busy': () => busy(300),
  '/behind-an-await': async () => {
    await null;
    busy(300);
  },
  '/exec': () => execSync('sleep 0.3'),
};

const server = createServer(async (request, response) => {
  await answers[request.url]?.();
  response.end();
}).listen(0, '127.0.0.1', () => console.log('port', server.address().port));

process.stdin.resume().on('end', () => {
  server.close();
  server.closeAllConnections();
});
