/**
 * Finds every place where a TypeScript or JavaScript source names another module. A file URL,
 * `new URL('./entry.js', import.meta.url)`, names a file and not a module, and is left out.
 */
import { parseSync } from 'oxc-parser';
import { ToolError } from './program.mjs';

/** Nodes that name a module in their `source`: imports of every form, types included. */
const withSource = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/**
 * @param {string} path decides the language; also used in errors
 * @param {string} source
 * @returns {{ name: string | null, line: number }[]} `name` is null where it is computed
 */
export function specifiers(path, source) {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new ToolError(`${path}: ${errors[0].message}`);
  const found = [];
  visit(program, (node) => {
    const named = namedBy(node);
    if (named === undefined) return;
    const line = source.slice(0, named.start).split('\n').length;
    found.push({ name: literal(named), line });
  });
  return found;
}

/** The expression by which a syntax node names a module, if it does. */
function namedBy(node) {
  if (withSource.has(node.type)) return node.source ?? undefined;
  if (node.type === 'TSExternalModuleReference') return node.expression;
  if (node.type === 'CallExpression' && loads(node.callee)) return node.arguments[0];
  return undefined;
}

/** `require`, `require.resolve` and `import.meta.resolve`. */
function loads(callee) {
  if (callee.type === 'Identifier') return callee.name === 'require';
  if (callee.type !== 'MemberExpression' || callee.property.name !== 'resolve') return false;
  return callee.object.type === 'MetaProperty' || callee.object.name === 'require';
}

function literal(node) {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  const plain = node.type === 'TemplateLiteral' && node.expressions.length === 0;
  return plain ? node.quasis[0].value.cooked : null;
}

function visit(value, see) {
  if (value === null || typeof value !== 'object') return;
  if (typeof value.type === 'string') see(value);
  for (const child of Object.values(value)) visit(child, see);
}
