/** The products, behind a function that takes as long as a database on the same network. */
import { setTimeout as passes } from 'node:timers/promises';

const queryMs = 8;

const products = [
  { id: '1', name: 'Desk lamp', price: 49 },
  { id: '2', name: 'Floor lamp', price: 129 },
  { id: '3', name: 'Camping lantern', price: 35 },
  { id: '4', name: 'Bicycle light', price: 24 },
  { id: '5', name: 'Paper lantern', price: 12 },
  { id: '6', name: 'Reading lamp', price: 39 },
];

export async function allProducts() {
  await passes(queryMs);
  return products;
}

/** @param {string} id */
export async function findProduct(id) {
  await passes(queryMs);
  return products.find((product) => product.id === id);
}
