/**
 * An HTTP server of a framework on a free port, until standard input ends:
 * `node frameworks.mjs express4 [adapter]`. `GET /wait/:ms` answers after that time without blocking,
 * `GET /block/:ms` blocks for it and answers in the same turn. With `adapter`, loopwatch's adapter is
 * used, too. Prints `port <n>`, and what comes over the channel.
 */
import { subscribe } from 'node:diagnostics_channel';
import { servers } from './lib/servers.mjs';
import { up } from './lib/watchdog-up.cjs';

subscribe('loopwatch:block', (record) => console.log('block', JSON.stringify(record)));

const [name, adapter] = process.argv.slice(2);
const server = await servers[name](adapter === 'adapter');
await up();
console.log('port', server.address().port);
process.stdin.resume().on('end', () => {
  server.close();
  server.closeAllConnections?.();
});
