/**
 * Writes the documentation that follows from the code, so that the two can't drift: the table of
 * options in docs/options.md. `--check` changes nothing and fails where a file is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';

const BEGIN = '<!-- generated: options -->';
const END = '<!-- /generated -->';

/** A cell of a Markdown table. */
function cell(text) {
  return text.replaceAll('|', '\\|');
}

function fallbackText({ fallback, fallbackSays }) {
  return fallbackSays ?? `\`${fallback}\``;
}

/** The table of options, as Markdown. */
function optionsTable(schema, variableOf) {
  const rows = Object.entries(schema).map(([name, option]) => {
    const cells = [
      `\`${name}\``,
      option.codeOnly ? 'in code only' : `\`${variableOf(name)}\``,
      fallbackText(option),
      option.rule.says,
      option.says,
    ];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  const head = ['| option | variable | default | rule | what it does |', '|---|---|---|---|---|'];
  return [...head, ...rows].join('\n');
}

/** A file's text with the part between the markers replaced. */
function withGenerated(text, generated) {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new ToolError(`the markers ${BEGIN} … ${END} are missing`);
  return `${text.slice(0, begin)}${BEGIN}\n${generated}\n${text.slice(end)}`;
}

await program(import.meta, async (args) => {
  const { values } = parseArgs({ args, options: { check: { type: 'boolean', default: false } } });
  await bootstrap();
  const built = '../packages/loopwatch/build/shared';
  const { SCHEMA_OF_OPTIONS } = await import(`${built}/option-schema.js`);
  const { variableOf } = await import(`${built}/options.js`);
  const file = join(root, 'docs', 'options.md');
  const before = readFileSync(file, 'utf8');
  const after = withGenerated(before, optionsTable(SCHEMA_OF_OPTIONS, variableOf));
  if (after === before) return;
  if (values.check) throw new ToolError('docs/options.md is out of date: run npm run docs');
  writeFileSync(file, after);
});
