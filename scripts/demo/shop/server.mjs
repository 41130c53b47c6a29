/**
 * A small shop as its owner would write it: nothing in it knows of loopwatch. Three of its routes
 * block the event loop, each in a way that is often met in production.
 */
import express from 'express';
import { routes } from './routes.mjs';

const app = express();
app.disable('x-powered-by');
app.use(routes());

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', (error) => {
  if (error) throw error;
  process.send?.({ port: server.address().port });
});

// Longer than any client keeps a connection that it doesn't use: the two must not meet half-way.
server.keepAliveTimeout = 30_000;

process.once('disconnect', () => server.close());
