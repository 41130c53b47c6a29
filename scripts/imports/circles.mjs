/**
 * The circles of a graph: for each node that lies on one and on none that is found yet, a shortest.
 * There are none if and only if none are found.
 *
 * @param {Map<string, Iterable<string>>} graph what each node leads to
 * @returns {string[][]} the nodes of each, in their order
 */
export function circles(graph) {
  const seen = new Set();
  return [...graph.keys()].sort().flatMap((node) => {
    const circle = seen.has(node) ? undefined : circleThrough(node, graph);
    for (const member of circle ?? []) seen.add(member);
    return circle === undefined ? [] : [circle];
  });
}

/** The shortest way from a node back to itself. */
function circleThrough(start, graph) {
  const ways = [[start]];
  const reached = new Set();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1)) ?? []) {
      if (next === start) return way;
      if (reached.has(next)) continue;
      reached.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
