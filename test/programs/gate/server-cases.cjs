/** Tests of a server in another process, SERVER_URL; `?ms=` says how long a request of it blocks. */
const http = require('node:http');
const { createRequire } = require('node:module');

const url = process.env.SERVER_URL;

/** Clients are installed where the tests of the tests are. */
const installed = createRequire(process.env.CLIENTS_FROM);

/** Each asks and reads the answer. */
const clients = {
  fetch: async (ms) => void (await (await fetch(`${url}?ms=${ms}`)).text()),
  http: (ms) =>
    new Promise((resolve, reject) => {
      const request = http.get(`${url}?ms=${ms}`, (response) => {
        response.resume().on('end', resolve);
      });
      request.on('error', reject);
    }),
  undici: async (ms) =>
    void (await (await installed('undici').request(`${url}?ms=${ms}`)).body.text()),
  axios: (ms) => installed('axios').get(`${url}?ms=${ms}`),
  supertest: (ms) => installed('supertest')(url).get(`?ms=${ms}`),
  playwright: async (ms) => {
    const context = await installed('playwright-core').request.newContext();
    await context.get(`${url}?ms=${ms}`);
    await context.dispose();
  },
};

exports.define = (api) => {
  const { test, beforeAll, measure, allowBlocking, noBlocking, only = Object.keys(clients) } = api;
  // What a client does when it is first used is no concern of these tests.
  beforeAll(async () => {
    for (const name of only) await clients[name](0);
  });
  for (const name of only) {
    test(`${name}, clean`, () => clients[name](0));
    test(`${name}, blocks`, () => clients[name](300));
  }
  test('not measured', () => measure.pause(() => clients.fetch(300)));
  test('measured', () => measure.only(() => clients.fetch(300)));
  test('beside what is measured', async () => {
    await measure.only(() => clients.fetch(0));
    await clients.fetch(300);
  });
  test('allowed', async () => {
    allowBlocking('a known cost');
    await clients.fetch(300);
  });
  test('with a limit of its own', async () => {
    noBlocking({ thresholdMs: 2000 });
    await clients.fetch(300);
  });
};
