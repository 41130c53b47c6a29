/** The import of orders from another system. */

/** @param {string} text a JSON array of orders */
export function importOrders(text) {
  // demo: blocks here
  return summarise(JSON.parse(text));
}

/** @param {{ quantity: number, price: number }[]} orders */
function summarise(orders) {
  let revenue = 0;
  for (const { quantity, price } of orders) revenue += quantity * price;
  return { orders: orders.length, revenue };
}
