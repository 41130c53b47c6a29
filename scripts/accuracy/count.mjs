/** Counts the runs of one scenario. */

/** @typedef {import('./runs.mjs').Result} Result */

export const heading = [
  ...['scenario', 'runs', 'right', 'exact', 'labelled'],
  ...['missed', 'false or wrong', 'disturbed', 'worst ms'],
];

/**
 * A run is right, missed, or false or wrong. `exact` and `labelled` say how it was right about what
 * blocked, if anything did; `worst ms` by how much a duration was off at most.
 *
 * @param {Result[]} runs of one scenario
 * @returns {(string | number)[]} below {@link heading}
 */
export function countRow(runs) {
  const [{ scenario }] = runs;
  const right = runs.filter(({ findings }) => findings.length === 0);
  const missed = runs.filter(({ findings }) => findings.some(({ what }) => what === 'missed'));
  const isBlock = runs.some(({ blocks }) => blocks);
  const how = (rightness) =>
    isBlock ? right.filter((run) => run.rightness === rightness).length : '';
  const errors = runs.flatMap(({ errorMs }) => (errorMs === null ? [] : [Math.abs(errorMs)]));
  return [
    ...[scenario, runs.length, right.length, how('exact'), how('labelled'), missed.length],
    runs.length - right.length - missed.length,
    runs.reduce((sum, { disturbed }) => sum + disturbed, 0),
    errors.length === 0 ? '' : Math.max(...errors).toFixed(1),
  ];
}
