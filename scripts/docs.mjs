/**
 * Writes the documentation that follows from the code, so that the two can't drift: the table of
 * options in docs/options.md, and what is advised in docs/advice.md. `--check` changes nothing and
 * fails where a file is out of date, or a link of any document leads nowhere.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap } from './bootstrap.mjs';
import { brokenLinks } from './docs/links.mjs';
import { root } from './lib/paths.mjs';
import { program, ToolError } from './lib/program.mjs';
import { filesUnder } from './lib/tree.mjs';

const END = '<!-- /generated -->';

const built = '../packages/loopwatch/build/shared';

/** What is generated, by its name: docs/NAME.md, between `<!-- generated: NAME -->` and the end. */
const generated = { options: optionsTable, advice: adviceSections };

/** A cell of a Markdown table. */
function cell(text) {
  return text.replaceAll('|', '\\|');
}

function fallbackText({ fallback, fallbackSays }) {
  return fallbackSays ?? `\`${fallback}\``;
}

/** The table of options, as Markdown. */
async function optionsTable() {
  const { SCHEMA_OF_OPTIONS } = await import(`${built}/options/option-schema.js`);
  const { variableOf } = await import(`${built}/options/options.js`);
  const rows = Object.entries(SCHEMA_OF_OPTIONS).map(([name, option]) => {
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

/** A section for each advice, as Markdown. */
async function adviceSections() {
  const { calls } = await import(`${built}/advice/advice-calls.js`);
  const { situations } = await import(`${built}/advice/advice-situations.js`);
  const sections = [...calls(), ...situations()].map(({ advice }) => {
    const { id, title, hint, text, snippet, links = [] } = advice;
    const more = links.map((link) => `[${link.title}](${link.url})`).join(' · ');
    return [
      `## ${id}`,
      `**${title}.** ${hint}`,
      text,
      `\`\`\`js\n${snippet}\n\`\`\``,
      ...(more === '' ? [] : [more]),
    ].join('\n\n');
  });
  return `\n${sections.join('\n\n').replaceAll('PACKAGE', '_name_')}\n`;
}

/** A file's text with the part between the markers replaced. */
function withGenerated(text, name, content) {
  const marker = `<!-- generated: ${name} -->`;
  const begin = text.indexOf(marker);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new ToolError(`the markers ${marker} … ${END} are missing`);
  return `${text.slice(0, begin)}${marker}\n${content}\n${text.slice(end)}`;
}

/** Where links of the documentation lead nowhere, a line each. */
function linkProblems() {
  const folders = ['docs', '.github', 'packages'].map((name) => join(root, name));
  const files = folders.flatMap((folder) => filesUnder(folder, '.md'));
  const inside = files.map((file) => relative(root, file).replaceAll('\\', '/'));
  return ['README.md', 'CHANGELOG.md', ...inside].flatMap((path) => {
    const found = brokenLinks(path, textAt(path), textAt);
    return found.map(({ line, problem }) => `${path}:${line}: ${problem}`);
  });
}

function textAt(path) {
  const file = join(root, path);
  if (!existsSync(file)) return undefined;
  return statSync(file).isDirectory() ? '' : readFileSync(file, 'utf8');
}

await program(import.meta, async (args) => {
  const { values } = parseArgs({ args, options: { check: { type: 'boolean', default: false } } });
  await bootstrap();
  for (const [name, content] of Object.entries(generated)) {
    const file = join(root, 'docs', `${name}.md`);
    const before = readFileSync(file, 'utf8');
    const after = withGenerated(before, name, await content());
    if (after === before) continue;
    if (values.check) throw new ToolError(`docs/${name}.md is out of date: run npm run docs`);
    writeFileSync(file, after);
  }
  const problems = values.check ? linkProblems() : [];
  if (problems.length > 0) throw new ToolError(problems.join('\n'));
});
