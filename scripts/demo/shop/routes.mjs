/** What the shop answers to. */
import express, { Router } from 'express';
import { allProducts, findProduct } from './catalogue.mjs';
import { importOrders } from './orders.mjs';
import { searchProducts } from './search.mjs';
import { renderThumbnail } from './thumbnails.mjs';

/** The nightly import of a large customer is the largest body. */
const importBody = express.text({ type: 'application/json', limit: '100mb' });

export function routes() {
  const router = Router();

  router.get('/products', async (_request, response) => {
    response.json(await allProducts());
  });

  router.get('/products/:id', async (request, response) => {
    const product = await findProduct(request.params.id);
    if (product === undefined) response.status(404).json({ error: 'no such product' });
    else response.json(product);
  });

  router.get('/search', async (request, response) => {
    response.json(searchProducts(await allProducts(), String(request.query.q ?? '')));
  });

  router.post('/orders/import', importBody, (request, response) => {
    response.status(201).json(importOrders(request.body));
  });

  router.post('/products/:id/thumbnail', async (request, response) => {
    const product = await findProduct(request.params.id);
    if (product === undefined) response.status(404).json({ error: 'no such product' });
    else response.type('svg').send(renderThumbnail(product));
  });

  return router;
}
