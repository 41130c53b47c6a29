// An HTTP server as small as they get, which says on request what it has used. It ends with its
// standard input, so that no benchmark that was killed leaves it behind.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';

const products = Array.from({ length: 12 }, (_, id) => ({ id, name: `lamp ${id}`, price: 39.9 }));

const answers = {
  '/plain': () => JSON.stringify(products),
  '/async': async () => JSON.stringify(await pricedProducts()),
  '/usage': () => JSON.stringify(process.cpuUsage()),
};

// As handlers do it: functions that wait for functions, and now and then for what comes later.
async function pricedProducts() {
  await turn();
  return Promise.all(
    products.map(async (product) => ({ ...product, ...(await priceOf(product)) })),
  );
}

async function priceOf({ price }) {
  const tax = await taxOn(price);
  return { gross: price + tax };
}

async function taxOn(price) {
  return price * 0.19;
}

const server = createServer(async (request, response) => {
  const body = await answers[request.url]();
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
});

server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(server.address().port);
process.stdin.on('end', () => process.exit()).resume();
