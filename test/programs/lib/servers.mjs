/** The same two routes in each framework. Each of them resolves with a server that listens. */
import { once } from 'node:events';
import { pause, render } from './handlers.mjs';

const HOST = '127.0.0.1';

async function listening(server) {
  if (!server.listening) await once(server, 'listening');
  return server;
}

function withExpress(load, name) {
  return async (adapted) => {
    const { default: express } = await load();
    const app = express();
    if (adapted) app.use((await import('loopwatch/express')).loopwatch());
    app.get('/wait/:ms', async (request, response) => {
      await pause(Number(request.params.ms));
      response.send(name);
    });
    app.get('/block/:ms', (request, response) => {
      render(Number(request.params.ms));
      response.send(name);
    });
    return listening(app.listen(0, HOST));
  };
}

const express4 = withExpress(() => import('express4'), 'express4');
const express5 = withExpress(() => import('express5'), 'express5');

function withFastify(load) {
  return async (adapted) => {
    const { default: fastify } = await load();
    const app = fastify();
    if (adapted) await app.register((await import('loopwatch/fastify')).loopwatch);
    app.get('/wait/:ms', async (request) => {
      await pause(Number(request.params.ms));
      return 'waited';
    });
    app.get('/block/:ms', (request, reply) => {
      render(Number(request.params.ms));
      reply.send('blocked');
    });
    await app.listen({ port: 0, host: HOST });
    return app.server;
  };
}

const fastify4 = withFastify(() => import('fastify4'));
const fastify5 = withFastify(() => import('fastify5'));

async function koa(adapted) {
  const { default: Koa } = await import('koa');
  const { default: Router } = await import('@koa/router');
  const app = new Koa();
  if (adapted) app.use((await import('loopwatch/koa')).loopwatch());
  const router = new Router();
  router.get('/wait/:ms', async (context) => {
    await pause(Number(context.params.ms));
    context.body = 'waited';
  });
  router.get('/block/:ms', (context) => {
    render(Number(context.params.ms));
    context.body = 'blocked';
  });
  app.use(router.routes());
  return listening(app.listen(0, HOST));
}

async function hono(adapted) {
  const { Hono } = await import('hono');
  const { serve } = await import('@hono/node-server');
  const app = new Hono();
  if (adapted) app.use((await import('loopwatch/hono')).loopwatch());
  app.get('/wait/:ms', async (context) => {
    await pause(Number(context.req.param('ms')));
    return context.text('waited');
  });
  app.get('/block/:ms', (context) => {
    render(Number(context.req.param('ms')));
    return context.text('blocked');
  });
  return listening(serve({ fetch: app.fetch, port: 0, hostname: HOST }));
}

function handle(request, response) {
  const [, action, ms] = request.url.split('/');
  if (action === 'block') {
    render(Number(ms));
    response.end('blocked');
  } else setTimeout(() => response.end('waited'), Number(ms));
}

async function node() {
  const { createServer } = await import('node:http');
  return listening(createServer(handle).listen(0, HOST));
}

async function http2() {
  const { createServer } = await import('node:http2');
  return listening(createServer(handle).listen(0, HOST));
}

export const servers = { express4, express5, fastify4, fastify5, koa, hono, node, http2 };
