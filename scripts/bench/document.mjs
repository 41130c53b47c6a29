/**
 * Writes results into a Markdown file, between the markers `<!-- bench:NAME -->` and
 * `<!-- /bench:NAME -->`: everything else in the file is prose that people write.
 */
import { ToolError } from '../lib/program.mjs';

/**
 * @param {(string | number)[][]} rows the first one is the heading
 * @returns {string} a Markdown table
 */
export function markdownTable(rows) {
  const [heading, ...body] = rows.map((row) => row.map((cell) => String(cell).replace('|', '\\|')));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [heading, heading.map(() => '---'), ...body].map(line).join('\n');
}

/**
 * @typedef {object} Conditions under which something was measured
 * @property {string} date
 * @property {string} machine
 * @property {string[]} nodes versions
 * @property {string} command that measures it again
 */

/**
 * @param {(string | number)[][]} rows
 * @param {Conditions} conditions
 * @returns {string} what goes between the markers
 */
export function resultSection(rows, { date, machine, nodes, command }) {
  const versions = nodes.join(', ');
  return [`\`${command}\``, markdownTable(rows), `${date}, Node.js ${versions}, ${machine}.`].join(
    '\n\n',
  );
}

/**
 * @param {string} text the file's
 * @param {string} name of the section
 * @param {string} content
 * @returns {string} the file's text with the section's content replaced
 * @throws {ToolError} unless the text has exactly one such section
 */
export function withSection(text, name, content) {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [before, inside, ...others] = text.split(open);
  const after = inside?.split(close) ?? [];
  if (others.length > 0 || after.length !== 2) {
    throw new ToolError(`expected exactly one ${open} with a ${close} after it`);
  }
  return `${before}${open}\n\n${content}\n\n${close}${after[1]}`;
}
