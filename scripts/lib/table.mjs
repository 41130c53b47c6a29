/**
 * Prints rows as columns.
 */

/**
 * @param {(string | number)[][]} rows the first one is the heading
 * @returns {string} lines whose columns line up, two spaces apart
 */
export function table(rows) {
  const widths = rows[0].map((_, column) => {
    return Math.max(...rows.map((row) => String(row[column]).length));
  });
  const line = (row) => row.map((cell, column) => String(cell).padEnd(widths[column])).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
