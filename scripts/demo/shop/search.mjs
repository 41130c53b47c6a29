/** Product search. */

/** Words with blanks between them: harmless until a long text almost matches. */
const plainWords = /^(\w+\s?)*$/;

/**
 * @param {{ name: string }[]} products
 * @param {string} query
 */
export function searchProducts(products, query) {
  // demo: blocks here
  if (!plainWords.test(query)) return [];
  const words = query.toLowerCase().split(/\s/);
  return products.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word)));
}
